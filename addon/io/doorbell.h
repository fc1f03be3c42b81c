// Wakes the data plane out of its wait: an eventfd that any thread may ring.
#pragma once

#include "system/unique_fd.h"

namespace tapswitch {

class Doorbell {
 public:
  Doorbell();  // throws SystemError
  void Ring() const;
  int Fd() const { return fd_.Get(); }

 private:
  UniqueFd fd_;
};

}  // namespace tapswitch
