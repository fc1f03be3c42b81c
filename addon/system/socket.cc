#include "system/socket.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <cerrno>
#include <cstddef>
#include <cstring>
#include <utility>

#include "system/system_error.h"

namespace tapswitch {
namespace {

constexpr int kBacklog = 64;
// A peer that answers nothing for so long is gone: bytes sent to it, or the probes of an idle
// connection. Longer than a network needs to find another path.
constexpr int kPatienceMs = 20'000;
constexpr int kIdleSeconds = 10;
constexpr int kProbeSeconds = 5;
constexpr int kProbes = 2;
// Groups of a process that a first question has room for.
constexpr size_t kGroups = 64;

}  // namespace

// Addresses ----------------------------------------------------------------------------------

SocketAddress SocketAddress::OfPath(const std::string& path) {
  SocketAddress address;
  auto* const name = reinterpret_cast<sockaddr_un*>(&address.storage_);
  if (path.empty() || path.size() >= sizeof(name->sun_path)) {
    throw SystemError("socket", path, ENAMETOOLONG);
  }
  name->sun_family = AF_UNIX;
  std::memcpy(name->sun_path, path.c_str(), path.size() + 1);
  address.bytes_ = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + path.size() + 1);
  return address;
}

SocketAddress SocketAddress::OfHost(const std::string& host, uint16_t port) {
  SocketAddress address;
  auto* const ipv4 = reinterpret_cast<sockaddr_in*>(&address.storage_);
  auto* const ipv6 = reinterpret_cast<sockaddr_in6*>(&address.storage_);
  if (inet_pton(AF_INET, host.c_str(), &ipv4->sin_addr) == 1) {
    ipv4->sin_family = AF_INET;
    ipv4->sin_port = htons(port);
    address.bytes_ = sizeof(*ipv4);
  } else if (inet_pton(AF_INET6, host.c_str(), &ipv6->sin6_addr) == 1) {
    ipv6->sin6_family = AF_INET6;
    ipv6->sin6_port = htons(port);
    address.bytes_ = sizeof(*ipv6);
  } else {
    throw SystemError("socket", host, EINVAL);
  }
  return address;
}

std::string SocketAddress::Text() const {
  char host[INET6_ADDRSTRLEN];
  switch (Family()) {
    case AF_INET: {
      const auto* const ipv4 = reinterpret_cast<const sockaddr_in*>(&storage_);
      inet_ntop(AF_INET, &ipv4->sin_addr, host, sizeof(host));
      return std::string(host) + ":" + std::to_string(ntohs(ipv4->sin_port));
    }
    case AF_INET6: {
      const auto* const ipv6 = reinterpret_cast<const sockaddr_in6*>(&storage_);
      inet_ntop(AF_INET6, &ipv6->sin6_addr, host, sizeof(host));
      return "[" + std::string(host) + "]:" + std::to_string(ntohs(ipv6->sin6_port));
    }
    default: {
      // Abstract names begin with a zero, and are no path: unix(7).
      const auto* const name = reinterpret_cast<const sockaddr_un*>(&storage_);
      const size_t head = offsetof(sockaddr_un, sun_path);
      if (bytes_ <= head || name->sun_path[0] == '\0') return "";
      return std::string(name->sun_path, strnlen(name->sun_path, bytes_ - head));
    }
  }
}

// Opening ------------------------------------------------------------------------------------

Socket::Socket(int family, int type)
    : Socket(UniqueFd(socket(family, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)), family, type) {}

Socket::Socket(UniqueFd fd, int family, int type)
    : fd_(std::move(fd)), family_(family), type_(type) {
  if (!fd_.IsOpen()) throw SystemError("socket", "port");
}

void Socket::SetOption(int level, int name, int value) const {
  if (setsockopt(Fd(), level, name, &value, sizeof(value)) != 0) {
    throw SystemError("setsockopt", "port");
  }
}

void Socket::Bind(const SocketAddress& address, mode_t mode) const {
  if (family_ != AF_UNIX && type_ == SOCK_STREAM) SetOption(SOL_SOCKET, SO_REUSEADDR, 1);
  // An address of IPv6 means IPv6, whatever the machine's default is.
  if (family_ == AF_INET6) SetOption(IPPROTO_IPV6, IPV6_V6ONLY, 1);
  // The mask belongs to the process. No other thread of the switch makes files.
  const mode_t mask = umask(0777 & ~mode);
  const int outcome = bind(Fd(), address.Get(), address.Bytes());
  const int error = errno;
  umask(mask);
  if (outcome != 0) throw SystemError("bind", address.Text(), error);
}

void Socket::Listen() const {
  if (listen(Fd(), kBacklog) != 0) throw SystemError("listen", "port");
}

bool Socket::Connect(const SocketAddress& address) const {
  if (type_ == SOCK_STREAM) WatchPeer();
  if (connect(Fd(), address.Get(), address.Bytes()) == 0) return true;
  // A Unix socket says EAGAIN where too many wait for the listener: nothing is under way then.
  if (errno == EINPROGRESS) return false;
  throw SystemError("connect", address.Text());
}

void Socket::Disconnect() const {
  sockaddr none{};
  none.sa_family = AF_UNSPEC;
  // Says ECONNRESET of a Unix peer that is gone already.
  connect(Fd(), &none, sizeof(none));
}

std::optional<Socket> Socket::Accept() const {
  for (;;) {
    UniqueFd fd(accept4(Fd(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC));
    if (fd.IsOpen()) {
      Socket accepted(std::move(fd), family_, type_);
      accepted.WatchPeer();
      return accepted;
    }
    if (errno == EAGAIN) return std::nullopt;
    // accept(2): Linux passes on errors of a connection that is no more. The next may be there.
    switch (errno) {
      case EINTR:
      case ECONNABORTED:
      case ENETDOWN:
      case EPROTO:
      case ENOPROTOOPT:
      case EHOSTDOWN:
      case ENONET:
      case EHOSTUNREACH:
      case EOPNOTSUPP:
      case ENETUNREACH:
        continue;
      default:
        throw SystemError("accept4", "port");
    }
  }
}

// TCP: sends each burst at once, and notices within kPatienceMs that the other end is gone.
void Socket::WatchPeer() const {
  if (family_ == AF_UNIX) return;
  SetOption(IPPROTO_TCP, TCP_NODELAY, 1);
  SetOption(IPPROTO_TCP, TCP_USER_TIMEOUT, kPatienceMs);
  SetOption(SOL_SOCKET, SO_KEEPALIVE, 1);
  SetOption(IPPROTO_TCP, TCP_KEEPIDLE, kIdleSeconds);
  SetOption(IPPROTO_TCP, TCP_KEEPINTVL, kProbeSeconds);
  SetOption(IPPROTO_TCP, TCP_KEEPCNT, kProbes);
}

// The other end ------------------------------------------------------------------------------

int Socket::TakeError() const {
  int error = 0;
  socklen_t bytes = sizeof(error);
  if (getsockopt(Fd(), SOL_SOCKET, SO_ERROR, &error, &bytes) != 0) return errno;
  return error;
}

bool Socket::HasHungUp() const {
  pollfd state{};
  state.fd = Fd();
  state.events = POLLRDHUP;
  poll(&state, 1, 0);
  return (state.revents & (POLLRDHUP | POLLHUP | POLLERR)) != 0;
}

PeerProcess Socket::Peer() const {
  ucred credentials{};
  socklen_t bytes = sizeof(credentials);
  if (getsockopt(Fd(), SOL_SOCKET, SO_PEERCRED, &credentials, &bytes) != 0) {
    throw SystemError("SO_PEERCRED", "port");
  }
  std::vector<gid_t> groups(kGroups);
  bytes = static_cast<socklen_t>(groups.size() * sizeof(gid_t));
  int outcome = getsockopt(Fd(), SOL_SOCKET, SO_PEERGROUPS, groups.data(), &bytes);
  if (outcome != 0 && errno == ERANGE) {
    groups.resize(bytes / sizeof(gid_t));
    outcome = getsockopt(Fd(), SOL_SOCKET, SO_PEERGROUPS, groups.data(), &bytes);
  }
  // The kernel knows no groups of a socket that was bound before groups were kept (Linux 4.13).
  groups.resize(outcome == 0 ? bytes / sizeof(gid_t) : 0);
  groups.insert(groups.begin(), credentials.gid);
  return {credentials.pid, credentials.uid, std::move(groups)};
}

SocketAddress Socket::PeerAddress() const {
  sockaddr_storage storage{};
  socklen_t bytes = sizeof(storage);
  if (getpeername(Fd(), reinterpret_cast<sockaddr*>(&storage), &bytes) != 0) {
    throw SystemError("getpeername", "port");
  }
  return {storage, bytes};
}

SocketAddress Socket::OwnAddress() const {
  sockaddr_storage storage{};
  socklen_t bytes = sizeof(storage);
  if (getsockname(Fd(), reinterpret_cast<sockaddr*>(&storage), &bytes) != 0) {
    throw SystemError("getsockname", "port");
  }
  return {storage, bytes};
}

std::optional<Datagram> Socket::Receive(size_t most_bytes, bool is_kept) const {
  std::vector<uint8_t> bytes(most_bytes);
  sockaddr_storage storage{};
  socklen_t address_bytes = sizeof(storage);
  const ssize_t got = recvfrom(Fd(), bytes.data(), bytes.size(), is_kept ? MSG_PEEK : 0,
                               reinterpret_cast<sockaddr*>(&storage), &address_bytes);
  if (got < 0) {
    if (errno == EAGAIN || errno == EINTR) return std::nullopt;
    throw SystemError("recvfrom", "port");
  }
  bytes.resize(static_cast<size_t>(got));
  return Datagram{std::move(bytes), {storage, address_bytes}};
}

}  // namespace tapswitch
