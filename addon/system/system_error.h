// An error of the kernel: the call, the thing for which it was refused, and the errno. node/call.cc
// makes a JavaScript Error of it, with `code`, `errno`, `syscall`, `subject` and sometimes
// `detail`.
#pragma once

#include <cerrno>
#include <cstring>
#include <exception>
#include <string>
#include <utility>

namespace tapswitch {

class SystemError : public std::exception {
 public:
  // Reads errno: construct it before anything else can change that.
  SystemError(std::string syscall, std::string subject)
      : SystemError(std::move(syscall), std::move(subject), errno) {}
  SystemError(std::string syscall, std::string subject, int error)
      : error_(error), syscall_(std::move(syscall)), subject_(std::move(subject)) {
    message_ = subject_ + ": " + syscall_ + ": " + std::strerror(error_);
  }

  const char* what() const noexcept override { return message_.c_str(); }
  int error() const { return error_; }
  const std::string& syscall() const { return syscall_; }
  const std::string& subject() const { return subject_; }
  const std::string& detail() const { return detail_; }
  SystemError WithDetail(std::string detail) && {
    detail_ = std::move(detail);
    return std::move(*this);
  }

 private:
  int error_;
  std::string syscall_;
  std::string subject_;
  std::string detail_;
  std::string message_;
};

}  // namespace tapswitch
