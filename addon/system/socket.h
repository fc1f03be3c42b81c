// Stream and datagram sockets of ports: addresses, opening, accepting, and who is at the other end.
// Nothing here waits. The frames of a connected socket are moved by addon/io.
#pragma once

#include <sys/socket.h>
#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "system/unique_fd.h"

namespace tapswitch {

// The address of a socket: a path, or an IP address with a port.
class SocketAddress {
 public:
  // Throws SystemError: ENAMETOOLONG for a path that does not fit (unix(7)), EINVAL for a host that
  // is no address of IPv4 or IPv6.
  static SocketAddress OfPath(const std::string& path);
  static SocketAddress OfHost(const std::string& host, uint16_t port);

  // Address as the kernel has filled it in.
  SocketAddress(const sockaddr_storage& storage, socklen_t bytes)
      : storage_(storage), bytes_(bytes) {}

  const sockaddr* Get() const { return reinterpret_cast<const sockaddr*>(&storage_); }
  socklen_t Bytes() const { return bytes_; }
  int Family() const { return storage_.ss_family; }
  // A path, or HOST:PORT with the brackets of IPv6. Empty for a Unix socket without a name.
  std::string Text() const;

 private:
  SocketAddress() = default;

  sockaddr_storage storage_{};
  socklen_t bytes_ = 0;
};

// The process at the other end of a Unix stream socket, when it connected.
struct PeerProcess {
  pid_t pid;
  uid_t uid;
  std::vector<gid_t> groups;  // its group first
};

struct Datagram {
  std::vector<uint8_t> bytes;  // at most as many as were asked for
  SocketAddress from;
};

class Socket {
 public:
  // type: SOCK_STREAM or SOCK_DGRAM. Throws SystemError.
  Socket(int family, int type);

  int Fd() const { return fd_.Get(); }

  // A Unix socket's file is made, with this mode. Throws SystemError; EADDRINUSE where there is a
  // file of any kind.
  void Bind(const SocketAddress& address, mode_t mode) const;
  void Listen() const;
  // Returns whether it is connected; otherwise it will be, or fail: then it is writable. Throws
  // SystemError.
  bool Connect(const SocketAddress& address) const;
  // Takes a datagram socket off its peer.
  void Disconnect() const;
  // The next connection, if there is one. Throws SystemError.
  std::optional<Socket> Accept() const;

  // The error that the socket has met, 0 for none. The call clears it.
  int TakeError() const;
  // Whether the peer of a stream has hung up.
  bool HasHungUp() const;
  // Throws SystemError; only for Unix stream sockets.
  PeerProcess Peer() const;
  SocketAddress PeerAddress() const;
  SocketAddress OwnAddress() const;
  // The next datagram, at most this many bytes of it. is_kept: it stays the next.
  std::optional<Datagram> Receive(size_t most_bytes, bool is_kept) const;

  void Close() { fd_.Reset(); }

 private:
  Socket(UniqueFd fd, int family, int type);
  void SetOption(int level, int name, int value) const;
  void WatchPeer() const;

  UniqueFd fd_;
  int family_;
  int type_;
};

}  // namespace tapswitch
