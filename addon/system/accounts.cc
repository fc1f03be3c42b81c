#include "system/accounts.h"

#include <grp.h>
#include <pwd.h>

#include <vector>

#include "system/system_error.h"

namespace tapswitch {
namespace {

// Bytes of an entry at most. A group may have thousands of members.
constexpr size_t kEntryBytesMax = size_t{16} << 20;

// Calls `look_up(entry, buffer, bytes, result)` with a buffer that is large enough. The errors that
// getpwnam(3) lists for "not found" are no errors here.
template <typename Entry, typename LookUp>
bool Find(const char* syscall, const std::string& subject, Entry* entry, std::vector<char>* buffer,
          LookUp look_up) {
  for (buffer->resize(1024); buffer->size() <= kEntryBytesMax; buffer->resize(buffer->size() * 4)) {
    Entry* found = nullptr;
    const int error = look_up(entry, buffer->data(), buffer->size(), &found);
    if (found != nullptr) return true;
    if (error == 0 || error == ENOENT || error == ESRCH) return false;
    if (error != ERANGE && error != EINTR) throw SystemError(syscall, subject, error);
  }
  throw SystemError(syscall, subject, ERANGE);
}

template <typename LookUp>
std::optional<User> FindUserBy(const std::string& subject, LookUp look_up) {
  passwd entry;
  std::vector<char> buffer;
  if (!Find("getpwnam", subject, &entry, &buffer, look_up)) return std::nullopt;
  return User{entry.pw_name, entry.pw_uid, entry.pw_gid};
}

template <typename LookUp>
std::optional<Group> FindGroupBy(const std::string& subject, LookUp look_up) {
  group entry;
  std::vector<char> buffer;
  if (!Find("getgrnam", subject, &entry, &buffer, look_up)) return std::nullopt;
  return Group{entry.gr_name, entry.gr_gid};
}

}  // namespace

std::optional<User> FindUser(const std::string& name) {
  return FindUserBy(name,
                    [&](auto... arguments) { return getpwnam_r(name.c_str(), arguments...); });
}

std::optional<User> FindUser(uid_t uid) {
  return FindUserBy(std::to_string(uid),
                    [&](auto... arguments) { return getpwuid_r(uid, arguments...); });
}

std::optional<Group> FindGroup(const std::string& name) {
  return FindGroupBy(name,
                     [&](auto... arguments) { return getgrnam_r(name.c_str(), arguments...); });
}

std::optional<Group> FindGroup(gid_t gid) {
  return FindGroupBy(std::to_string(gid),
                     [&](auto... arguments) { return getgrgid_r(gid, arguments...); });
}

}  // namespace tapswitch
