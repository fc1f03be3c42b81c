/** The fuzz tests of BPDUs and of group messages, with a million messages each: some ten minutes. */

import '../support/a-million';
import '../fuzz/bpdu.test';
import '../fuzz/groups.test';
