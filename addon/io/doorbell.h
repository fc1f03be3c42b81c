// An eventfd that ends the wait of the data plane. Any thread may ring it.
#pragma once

#include "system/unique_fd.h"

namespace tapswitch {

class Doorbell {
 public:
  Doorbell();  // throws SystemError
  void Ring() const;
  // Takes all rings so far.
  void Clear() const;
  int Fd() const { return fd_.Get(); }

 private:
  UniqueFd fd_;
};

}  // namespace tapswitch
