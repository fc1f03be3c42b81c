// Runs work inside another network namespace.
#pragma once

#include <functional>
#include <string>

namespace tapswitch {

// Runs `work` with the namespace behind the descriptor `netns_fd` as its network namespace, on a
// thread made for it: setns() changes the calling thread only, and a thread of Node's must never
// come back in the wrong place. Rethrows what `work` throws.
void InNetns(int netns_fd, const std::string& subject, const std::function<void()>& work);

}  // namespace tapswitch
