// Sockets of ports: addresses from the kernel or from an operator, peers that come and go, and the
// first datagram.

#include <grp.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstddef>
#include <cstring>
#include <random>

#include "harness.h"
#include "system/socket.h"
#include "system/system_error.h"

namespace tapswitch::test {
namespace {

constexpr size_t kLongestPath = sizeof(sockaddr_un::sun_path) - 1;

// A folder of the case, with everything in it.
class Folder {
 public:
  Folder() { EXPECT(mkdtemp(path_) != nullptr); }
  ~Folder() {
    for (const std::string& file : files_) unlink(file.c_str());
    rmdir(path_);
  }
  std::string File(const std::string& name) {
    files_.push_back(std::string(path_) + "/" + name);
    return files_.back();
  }
  // A path of as many bytes as an address has room for, and `more`.
  std::string LongestFile(size_t more = 0) {
    return File(std::string(kLongestPath + more - std::strlen(path_) - 1, 'x'));
  }

 private:
  char path_[64] = "/tmp/tapswitch-socket-XXXXXX";
  std::vector<std::string> files_;
};

// The errno of the error that a call throws; 0 if it throws none.
template <typename Call>
int ErrorOf(const Call& call) {
  try {
    call();
    return 0;
  } catch (const SystemError& error) {
    return error.error();
  }
}

// Binds with bytes of a name that SocketAddress would not make.
UniqueFd BindRaw(const std::string& name) {
  UniqueFd fd(socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  EXPECT(name.size() <= sizeof(address.sun_path));
  std::memcpy(address.sun_path, name.data(), name.size());
  const auto bytes = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + name.size());
  EXPECT(bind(fd.Get(), reinterpret_cast<const sockaddr*>(&address), bytes) == 0);
  return fd;
}

void SendTo(int fd, const SocketAddress& to, const std::string& bytes) {
  const auto length = static_cast<ssize_t>(bytes.size());
  EXPECT(sendto(fd, bytes.data(), bytes.size(), 0, to.Get(), to.Bytes()) == length);
}

}  // namespace

CASE(PathAddresses, "an address holds a path of up to 107 bytes") {
  for (size_t bytes = 1; bytes <= kLongestPath; bytes++) {
    EXPECT_EQ(SocketAddress::OfPath(Letters(bytes)).Text(), Letters(bytes));
  }
  for (const size_t bytes : {size_t{0}, kLongestPath + 1, size_t{100'000}}) {
    EXPECT_EQ(ErrorOf([&] { SocketAddress::OfPath(Letters(bytes)); }), ENAMETOOLONG);
  }
}

CASE(HostAddresses, "an address holds a host of IPv4 or IPv6, and any other text is refused") {
  EXPECT_EQ(SocketAddress::OfHost("192.0.2.1", 65'535).Text(), "192.0.2.1:65535");
  EXPECT_EQ(SocketAddress::OfHost("2001:DB8:0::1", 1).Text(), "[2001:db8::1]:1");
  static constexpr char kLetters[] = "0123456789abcdef:.%[]/ \xff";
  std::mt19937 random(1);
  for (size_t turn = 0; turn < 20'000; turn++) {
    std::string host(random() % 60, '\0');
    for (char& letter : host) letter = kLetters[random() % sizeof(kLetters)];
    std::string text;
    const int error = ErrorOf([&] { text = SocketAddress::OfHost(host, 5'555).Text(); });
    EXPECT(error == EINVAL || text.size() > 5);
  }
}

CASE(KernelsNames, "a sender may have no name, an abstract one, or one that fills its address") {
  Folder folder;
  const Socket ours(AF_UNIX, SOCK_DGRAM);
  const SocketAddress to = SocketAddress::OfPath(folder.File("ours"));
  ours.Bind(to, 0600);
  const std::string longest = folder.LongestFile(1);
  const std::string abstract = std::string(1, '\0') + "tapswitch-case-" + std::to_string(getpid());
  const UniqueFd unnamed(socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  const UniqueFd full = BindRaw(longest);
  const UniqueFd hidden = BindRaw(abstract);
  const std::pair<int, std::string> senders[] = {
      {unnamed.Get(), ""}, {full.Get(), longest}, {hidden.Get(), ""}};
  for (const auto& [fd, name] : senders) {
    SendTo(fd, to, Letters(60));
    const auto datagram = ours.Receive(100, false);
    EXPECT(datagram.has_value());
    EXPECT_EQ(datagram->from.Text(), name);
    EXPECT_EQ(datagram->bytes.size(), 60);
  }
}

CASE(FirstDatagram, "a datagram may be read, in part, before it is taken") {
  Folder folder;
  const Socket ours(AF_UNIX, SOCK_DGRAM);
  const SocketAddress to = SocketAddress::OfPath(folder.File("ours"));
  ours.Bind(to, 0600);
  EXPECT(!ours.Receive(10, true).has_value());
  const UniqueFd theirs(socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  for (const size_t bytes : {size_t{0}, size_t{1}, size_t{10}, size_t{60'000}}) {
    SendTo(theirs.Get(), to, Letters(bytes));
    for (const size_t most : {size_t{0}, size_t{5}, size_t{100'000}}) {
      EXPECT_EQ(ours.Receive(most, true)->bytes.size(), std::min(bytes, most));
    }
    EXPECT_EQ(ours.Receive(5, false)->bytes.size(), std::min(bytes, size_t{5}));
    EXPECT(!ours.Receive(5, false).has_value());
  }
}

CASE(FileOfSocket, "the file of a socket has its mode from the start, and a second is refused") {
  Folder folder;
  const std::string path = folder.LongestFile();
  const Socket ours(AF_UNIX, SOCK_STREAM);
  ours.Bind(SocketAddress::OfPath(path), 0620);
  struct stat file {};
  EXPECT(stat(path.c_str(), &file) == 0);
  EXPECT_EQ(file.st_mode & 0777U, 0620U);
  EXPECT_EQ(ours.OwnAddress().Text(), path);
  const Socket second(AF_UNIX, SOCK_STREAM);
  EXPECT_EQ(ErrorOf([&] { second.Bind(SocketAddress::OfPath(path), 0600); }), EADDRINUSE);
}

CASE(ManyGroups, "a peer may have more groups than the first call has room for") {
  std::vector<gid_t> groups(200);
  for (size_t i = 0; i < groups.size(); i++) groups[i] = static_cast<gid_t>(1'000 + i);
  EXPECT(setgroups(groups.size(), groups.data()) == 0);
  Folder folder;
  const SocketAddress at = SocketAddress::OfPath(folder.File("listening"));
  const Socket listening(AF_UNIX, SOCK_STREAM);
  listening.Bind(at, 0600);
  listening.Listen();
  EXPECT(!listening.Accept().has_value());
  Socket theirs(AF_UNIX, SOCK_STREAM);
  EXPECT(theirs.Connect(at));
  const auto accepted = listening.Accept();
  EXPECT(accepted.has_value());
  const PeerProcess peer = accepted->Peer();
  EXPECT_EQ(peer.pid, getpid());
  EXPECT_EQ(peer.groups.size(), groups.size() + 1);
  EXPECT(!accepted->HasHungUp());
  theirs.Close();
  EXPECT(accepted->HasHungUp());
}

CASE(NobodyListens, "a connection without a listener is refused, and the socket may try again") {
  Folder folder;
  const std::string path = folder.File("nobody");
  const Socket ours(AF_UNIX, SOCK_STREAM);
  const auto connect_to = [&] { ours.Connect(SocketAddress::OfPath(path)); };
  EXPECT_EQ(ErrorOf(connect_to), ENOENT);
  const Socket silent(AF_UNIX, SOCK_STREAM);
  silent.Bind(SocketAddress::OfPath(path), 0600);
  EXPECT_EQ(ErrorOf(connect_to), ECONNREFUSED);
  silent.Listen();
  EXPECT_EQ(ErrorOf(connect_to), 0);
  EXPECT_EQ(ours.TakeError(), 0);
  EXPECT_EQ(ours.PeerAddress().Text(), path);
  EXPECT_EQ(ErrorOf([&] { silent.PeerAddress(); }), ENOTCONN);
}

CASE(OtherPeer, "a datagram socket is disconnected from its peer, gone or not, and gets another") {
  Folder folder;
  const Socket ours(AF_UNIX, SOCK_DGRAM);
  for (size_t turn = 0; turn < 3; turn++) {
    const std::string path = folder.File("peer" + std::to_string(turn));
    Socket theirs(AF_UNIX, SOCK_DGRAM);
    theirs.Bind(SocketAddress::OfPath(path), 0600);
    EXPECT(ours.Connect(SocketAddress::OfPath(path)));
    EXPECT_EQ(ours.PeerAddress().Text(), path);
    if (turn == 1) theirs.Close();
    ours.Disconnect();
    EXPECT_EQ(ErrorOf([&] { ours.PeerAddress(); }), ENOTCONN);
  }
}

}  // namespace tapswitch::test
