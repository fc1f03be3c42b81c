// Bare system calls that are made again when a signal interrupts them. read() and write() of glibc
// are cancellation points: in a process with threads each call takes two more locked instructions.
// Every function returns what the system call returns: -1 with errno for an error.
#pragma once

#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include <cerrno>
#include <cstddef>

namespace tapswitch {

template <typename... Arguments>
ssize_t Call(long number, Arguments... arguments) {
  ssize_t result;
  do {
    result = syscall(number, arguments...);
  } while (result < 0 && errno == EINTR);
  return result;
}

inline ssize_t ReadFrom(int fd, void* to, size_t bytes) {
  return Call(SYS_read, fd, to, bytes);
}

inline ssize_t WriteTo(int fd, const void* from, size_t bytes) {
  return Call(SYS_write, fd, from, bytes);
}

inline ssize_t WritePiecesTo(int fd, const iovec* pieces, size_t count) {
  return Call(SYS_writev, fd, pieces, count);
}

inline ssize_t ReceiveFrom(int fd, void* to, size_t bytes) {
  return Call(SYS_recvfrom, fd, to, bytes, MSG_DONTWAIT, nullptr, nullptr);
}

// Bytes that were taken, fewer than asked where the socket has no room for more.
inline ssize_t SendPiecesTo(int fd, iovec* pieces, size_t count) {
  msghdr message{};
  message.msg_iov = pieces;
  message.msg_iovlen = count;
  return Call(SYS_sendmsg, fd, &message, MSG_DONTWAIT | MSG_NOSIGNAL);
}

// Number of datagrams that came.
inline ssize_t ReceiveMany(int fd, mmsghdr* messages, size_t count) {
  return Call(SYS_recvmmsg, fd, messages, count, MSG_DONTWAIT, nullptr);
}

// Number of datagrams that were taken. An error is reported for the first one only.
inline ssize_t SendMany(int fd, mmsghdr* messages, size_t count) {
  return Call(SYS_sendmmsg, fd, messages, count, MSG_DONTWAIT | MSG_NOSIGNAL);
}

}  // namespace tapswitch
