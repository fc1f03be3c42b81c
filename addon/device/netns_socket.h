// A socket for each network namespace in which a device of the switch lives. The state of
// interfaces there is asked for through it (SIOC* calls), and the kernel sends it every change of
// an interface (rtnetlink(7), RTMGRP_LINK). A socket belongs for ever to the namespace in which it
// was made, and keeps that namespace alive. The last device that uses the socket closes it.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <unordered_map>
#include <utility>

#include "device/netns.h"
#include "system/unique_fd.h"

namespace tapswitch {

class NetnsSocket {
 public:
  // The socket of the calling thread's namespace. An open socket is shared. Throws SystemError.
  static std::shared_ptr<NetnsSocket> Here(const std::string& subject);
  // The open socket of a namespace; null where there is none.
  static std::shared_ptr<NetnsSocket> Find(const NetnsId& netns);

  int Fd() const { return fd_.Get(); }
  const NetnsId& Netns() const { return netns_; }
  // Number of the newest change that was received, of any interface. It rises with each change.
  uint64_t NewestChange() const;
  // Whether the interface with this index may have changed after the change with that number.
  bool HasChanged(int index, uint64_t after) const;

 private:
  friend class LinkNews;
  NetnsSocket(UniqueFd fd, const NetnsId& netns) : fd_(std::move(fd)), netns_(netns) {}
  void Drain();
  void NoteMessages(const uint8_t* messages, size_t bytes);
  void Note(int index);
  void NoteAll() { all_changed_ = ++newest_change_; }

  UniqueFd fd_;
  NetnsId netns_;
  // Members from here on are guarded by the lock of LinkNews.
  uint64_t newest_change_ = 0;
  uint64_t all_changed_ = 0;  // the newest change of which the interface is not known
  std::unordered_map<int, uint64_t> changes_;  // index of an interface: its newest change
};

// A watch for changes of interfaces in every namespace that has a NetnsSocket.
class LinkWatch {
 public:
  // `notify` is called on the thread of FdWatch when an interface may have changed. It must not
  // block. Throws SystemError.
  explicit LinkWatch(std::function<void()> notify);
  // `notify` does not run when this returns, and is not called any more.
  ~LinkWatch();
  LinkWatch(const LinkWatch&) = delete;
  LinkWatch& operator=(const LinkWatch&) = delete;

 private:
  friend class LinkNews;
  const std::function<void()> notify_;
};

}  // namespace tapswitch
