/** Ten million frames of each kind make no garbage: in the bridge, in hooks and in impairments. */

import '../support/a-million';
import '../unit/l2/bridge-memory.test';
