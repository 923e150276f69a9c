// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

#include "agent/sensors/camera/process/report_outlet.hpp"

namespace sallyport::camera {
namespace {

class AgentSocket final : public ReportOutlet {
public:
    explicit AgentSocket(int descriptor) : descriptor_(descriptor) {}

    Result<void> tell(const CameraEvent& event) override {
        const Message message = encode(event.report);
        ssize_t written = -1;
        do
            written = ::write(descriptor_, message.data(), message.size());
        while (written == -1 && errno == EINTR);
        if (written != static_cast<ssize_t>(message.size()))
            return Error(Errc::io, "agent's socket: " + std::generic_category().message(errno));
        return {};
    }

    Heard heard() override {
        Heard heard;
        for (pollfd wait{descriptor_, POLLIN, 0}; ::poll(&wait, 1, 0) == 1 && (wait.revents & POLLIN) != 0;) {
            std::array<std::uint8_t, kNoteBytes + 1> bytes{};
            const ssize_t size = ::read(descriptor_, bytes.data(), bytes.size());
            if (size <= 0)
                break;
            const auto note = std::span(bytes).first(static_cast<std::size_t>(size));
            if (const auto tenths = decode_input(note))
                heard.input_ago_s = *tenths / 10.0;
            if (const auto seconds = decode_pattern_wish(note))
                heard.pattern_for_s = *seconds;
        }
        return heard;
    }

    Doors doors() const override { return {descriptor_, kMessageBytes, false}; }

private:
    int descriptor_;
};

}  // namespace

std::unique_ptr<ReportOutlet> agent_socket(int descriptor) { return std::make_unique<AgentSocket>(descriptor); }

void close_standard_streams() {
    const int nowhere = ::open("/dev/null", O_RDWR | O_CLOEXEC);
    for (int stream = 0; stream <= 2; ++stream)
        ::dup2(nowhere, stream);
    if (nowhere > 2)
        ::close(nowhere);
}

}  // namespace sallyport::camera
