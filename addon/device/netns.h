// Network namespaces: which is which, and work inside another one.
#pragma once

#include <sys/types.h>

#include <functional>
#include <string>

#include "system/unique_fd.h"

namespace tapswitch {

// What tells two namespaces apart: the device and inode of their file (namespaces(7)).
struct NetnsId {
  dev_t device = 0;
  ino_t inode = 0;
  bool operator==(const NetnsId& other) const {
    return device == other.device && inode == other.inode;
  }
  bool operator!=(const NetnsId& other) const { return !(*this == other); }
};

// Throws SystemError: what is no network namespace is not opened, and `detail` says what it is.
UniqueFd OpenNetns(const std::string& path);
// Throws SystemError.
NetnsId IdentifyNetns(int netns_fd, const std::string& subject);
// The namespace of the calling thread. Takes no descriptor. Throws SystemError.
NetnsId IdentifyThisNetns();

// Starts the thread of InNetns ahead of its first use, as long as a thread and a descriptor for it
// are to be had. Throws SystemError.
void StartNetnsThread();

// Runs `work` with the namespace behind the descriptor `netns_fd` as its network namespace, on the
// one thread for that: setns() changes the calling thread only, and a thread of Node's must never
// come back in the wrong place. Rethrows what `work` throws. `work` must not call InNetns.
void InNetns(int netns_fd, const std::string& subject, const std::function<void()>& work);

}  // namespace tapswitch
