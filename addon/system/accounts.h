// Users and groups of the system, from every source of nsswitch.conf(5).
#pragma once

#include <sys/types.h>

#include <optional>
#include <string>

namespace tapswitch {

struct User {
  std::string name;
  uid_t uid = 0;
  // The login group.
  gid_t gid = 0;
};

struct Group {
  std::string name;
  gid_t gid = 0;
};

// A user or group by name or number; nullopt where there is none. All throw SystemError.
std::optional<User> FindUser(const std::string& name);
std::optional<User> FindUser(uid_t uid);
std::optional<Group> FindGroup(const std::string& name);
std::optional<Group> FindGroup(gid_t gid);

}  // namespace tapswitch
