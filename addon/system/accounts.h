// Users and groups of the system, wherever it keeps them (nsswitch.conf(5)).
#pragma once

#include <sys/types.h>

#include <optional>
#include <string>

namespace tapswitch {

struct User {
  std::string name;
  uid_t uid = 0;
  // Its login group.
  gid_t gid = 0;
};

struct Group {
  std::string name;
  gid_t gid = 0;
};

// Nothing where there is none of that name or number. All throw SystemError.
std::optional<User> FindUser(const std::string& name);
std::optional<User> FindUser(uid_t uid);
std::optional<Group> FindGroup(const std::string& name);
std::optional<Group> FindGroup(gid_t gid);

}  // namespace tapswitch
