// SPDX-License-Identifier: Apache-2.0
//
// The kernel's own channels in one epoll set: device events (NETLINK_KOBJECT_UEVENT), interfaces, addresses and routes
// (NETLINK_ROUTE), a timer that ends when the clock is set (timerfd_create(2), TFD_TIMER_CANCEL_ON_SET), files (inotify(7)) and
// processes (pidfd_open(2)). No daemon is asked, nothing is polled.
#pragma once

#include <memory>

namespace sallyport::agent {

class HostSource;

[[nodiscard]] std::unique_ptr<HostSource> make_linux_host_source();

}  // namespace sallyport::agent
