// Network namespaces: their identity, and work inside another one.
#pragma once

#include <sys/types.h>

#include <functional>
#include <string>

#include "system/unique_fd.h"

namespace tapswitch {

// Identity of a namespace: the device and inode of its file (namespaces(7)).
struct NetnsId {
  dev_t device = 0;
  ino_t inode = 0;
  bool operator==(const NetnsId& other) const {
    return device == other.device && inode == other.inode;
  }
  bool operator!=(const NetnsId& other) const { return !(*this == other); }
};

// Opens the network namespace at a path. Throws SystemError. Anything else at the path is not
// opened, and `detail` of the error says what it is.
UniqueFd OpenNetns(const std::string& path);
// Identity of the namespace behind a descriptor. Throws SystemError.
NetnsId IdentifyNetns(int netns_fd, const std::string& subject);
// Identity of the calling thread's namespace. Needs no free descriptor. Throws SystemError.
NetnsId IdentifyThisNetns();

// Starts the thread of InNetns before its first use, while the system still has a thread and a
// descriptor for it. Throws SystemError.
void StartNetnsThread();

// Runs `work` in the network namespace behind the descriptor `netns_fd`, on a thread of its own.
// setns() changes the calling thread only, and a thread of Node must never stay in the wrong
// namespace. Rethrows what `work` throws. `work` must not call InNetns.
void InNetns(int netns_fd, const std::string& subject, const std::function<void()>& work);

}  // namespace tapswitch
