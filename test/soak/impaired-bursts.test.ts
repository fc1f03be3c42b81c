/** A million impaired frames. */

import '../support/a-million';
import '../unit/impair/bursts.test';
