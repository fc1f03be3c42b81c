#include "device/netns_socket.h"

#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <exception>
#include <mutex>
#include <vector>

#include "io/fd_watch.h"
#include "system/system_error.h"

namespace tapswitch {
namespace {

constexpr char kSubject[] = "rtnetlink";
// Interfaces of one namespace whose newest change is remembered one by one.
constexpr size_t kMaxChanges = 1024;
constexpr size_t kMaxEvents = 64;
// Bytes that are read of a message. Its head names the interface; the state is asked for later.
constexpr size_t kReceiveBytes = 4096;
// Messages that are read from one socket before the next has its turn.
constexpr int kMaxMessages = 256;

}  // namespace

// Every socket and every watch of the process. Locks are taken in this order: lifecycle_, the lock
// of FdWatch's thread, mutex_.
class LinkNews {
 public:
  // The one of the process. It is never destroyed, because the object that goes last may use it.
  static LinkNews& Shared() {
    static auto* const shared = new LinkNews();
    return *shared;
  }

  std::mutex& Mutex() { return mutex_; }

  std::shared_ptr<NetnsSocket> Find(const NetnsId& netns) {
    const std::lock_guard lock(mutex_);
    return FindLocked(netns);
  }

  std::shared_ptr<NetnsSocket> Add(UniqueFd fd, const NetnsId& netns) {
    const std::lock_guard lock(mutex_);
    // Another thread may have opened a socket meanwhile.
    std::shared_ptr<NetnsSocket> socket = FindLocked(netns);
    if (socket) return socket;
    socket.reset(new NetnsSocket(std::move(fd), netns));
    for (auto entry = sockets_.begin(); entry != sockets_.end();) {
      entry = entry->second.expired() ? sockets_.erase(entry) : std::next(entry);
    }
    const uint64_t id = next_id_++;
    sockets_.emplace(id, socket);
    if (!watches_.empty()) Subscribe(*socket, id);
    return socket;
  }

  void Add(LinkWatch* watch) {
    const std::lock_guard lifecycle(lifecycle_);
    {
      const std::lock_guard lock(mutex_);
      if (!epoll_.IsOpen()) epoll_ = UniqueFd(epoll_create1(EPOLL_CLOEXEC));
      if (!epoll_.IsOpen()) throw SystemError("epoll_create1", kSubject);
    }
    if (!ready_) {
      ready_ = std::make_unique<FdWatch>(epoll_.Get(), [this] { return OnReady(); });
      ready_->Arm(EPOLLIN);
    }
    const std::lock_guard lock(mutex_);
    const bool is_first = watches_.empty();
    watches_.push_back(watch);
    if (!is_first) return;
    for (const auto& [id, weak] : sockets_) {
      const std::shared_ptr<NetnsSocket> socket = weak.lock();
      if (socket) Subscribe(*socket, id);
    }
  }

  // Sockets stay subscribed. The kernel throws messages away that nobody reads, and reports that.
  void Remove(LinkWatch* watch) {
    const std::lock_guard lifecycle(lifecycle_);
    bool is_last;
    {
      const std::lock_guard lock(mutex_);
      watches_.erase(std::find(watches_.begin(), watches_.end(), watch));
      is_last = watches_.empty();
    }
    if (is_last) ready_.reset();
  }

 private:
  std::shared_ptr<NetnsSocket> FindLocked(const NetnsId& netns) {
    for (const auto& [id, weak] : sockets_) {
      std::shared_ptr<NetnsSocket> socket = weak.lock();
      if (socket && socket->Netns() == netns) return socket;
    }
    return nullptr;
  }

  // A refusal of the kernel, which has no memory left, is no error: the switch also looks at every
  // port from time to time.
  void Subscribe(NetnsSocket& socket, uint64_t id) {
    // A socket without an address of its own is passed over (do_one_broadcast, net/netlink).
    sockaddr_nl any{};
    any.nl_family = AF_NETLINK;
    bind(socket.Fd(), reinterpret_cast<const sockaddr*>(&any), sizeof(any));
    const int group = RTNLGRP_LINK;
    setsockopt(socket.Fd(), SOL_NETLINK, NETLINK_ADD_MEMBERSHIP, &group, sizeof(group));
    epoll_event event{};
    event.events = EPOLLIN;
    event.data.u64 = id;
    epoll_ctl(epoll_.Get(), EPOLL_CTL_ADD, socket.Fd(), &event);
    socket.NoteAll();
  }

  // Called on the thread of FdWatch. Messages that are not read at once are there when it is armed
  // again.
  bool OnReady() {
    const std::lock_guard lock(mutex_);
    std::array<epoll_event, kMaxEvents> events;
    const int count = epoll_wait(epoll_.Get(), events.data(), events.size(), 0);
    for (int i = 0; i < count; i++) {
      const auto entry = sockets_.find(events[static_cast<size_t>(i)].data.u64);
      const auto socket = entry == sockets_.end() ? nullptr : entry->second.lock();
      if (socket) socket->Drain();
    }
    for (const LinkWatch* watch : watches_) watch->notify_();
    try {
      ready_->Arm(EPOLLIN);
    } catch (const SystemError&) {
      // The switch looks at every port from time to time, as in Subscribe.
    }
    return true;
  }

  std::mutex lifecycle_;  // guards ready_
  std::unique_ptr<FdWatch> ready_;
  std::mutex mutex_;
  UniqueFd epoll_;
  std::unordered_map<uint64_t, std::weak_ptr<NetnsSocket>> sockets_;
  uint64_t next_id_ = 0;
  std::vector<LinkWatch*> watches_;
};

std::shared_ptr<NetnsSocket> NetnsSocket::Here(const std::string& subject) {
  const NetnsId netns = IdentifyThisNetns();
  std::shared_ptr<NetnsSocket> socket = Find(netns);
  if (socket) return socket;
  UniqueFd fd(::socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE));
  if (!fd.IsOpen()) throw SystemError("socket", subject);
  return LinkNews::Shared().Add(std::move(fd), netns);
}

std::shared_ptr<NetnsSocket> NetnsSocket::Find(const NetnsId& netns) {
  return LinkNews::Shared().Find(netns);
}

uint64_t NetnsSocket::NewestChange() const {
  const std::lock_guard lock(LinkNews::Shared().Mutex());
  return newest_change_;
}

bool NetnsSocket::HasChanged(int index, uint64_t after) const {
  const std::lock_guard lock(LinkNews::Shared().Mutex());
  if (all_changed_ > after) return true;
  const auto change = changes_.find(index);
  return change != changes_.end() && change->second > after;
}

void NetnsSocket::Drain() {
  std::array<uint8_t, kReceiveBytes> message;
  for (int n = 0; n < kMaxMessages; n++) {
    const ssize_t got = recv(fd_.Get(), message.data(), message.size(), MSG_DONTWAIT);
    if (got >= 0) {
      NoteMessages(message.data(), static_cast<size_t>(got));
    } else if (errno == ENOBUFS) {
      // More happened than the socket can hold: anything may have changed.
      NoteAll();
    } else if (errno != EINTR) {
      return;
    }
  }
}

// Notes the interfaces of some messages. A message that was not read as a whole is the last.
void NetnsSocket::NoteMessages(const uint8_t* messages, size_t bytes) {
  while (bytes >= NLMSG_SPACE(sizeof(ifinfomsg))) {
    nlmsghdr header;
    std::memcpy(&header, messages, sizeof(header));
    if (header.nlmsg_type == RTM_NEWLINK || header.nlmsg_type == RTM_DELLINK) {
      ifinfomsg link;
      std::memcpy(&link, messages + NLMSG_HDRLEN, sizeof(link));
      Note(link.ifi_index);
    }
    const size_t step = NLMSG_ALIGN(header.nlmsg_len);
    if (step < sizeof(header) || step > bytes) return;
    messages += step;
    bytes -= step;
  }
}

void NetnsSocket::Note(int index) {
  try {
    if (changes_.size() < kMaxChanges || changes_.count(index) > 0) {
      changes_[index] = ++newest_change_;
      return;
    }
  } catch (const std::exception&) {
    // There is no memory for one more interface.
  }
  changes_.clear();
  NoteAll();
}

LinkWatch::LinkWatch(std::function<void()> notify) : notify_(std::move(notify)) {
  LinkNews::Shared().Add(this);
}

LinkWatch::~LinkWatch() {
  LinkNews::Shared().Remove(this);
}

}  // namespace tapswitch
