// SPDX-License-Identifier: Apache-2.0
//
// Recorded pictures: a file (or pipe) of JPEGs one after the other, or a folder of them.
#include <algorithm>
#include <filesystem>
#include <fstream>

#include "agent/sensors/camera/process/frame_source.hpp"

namespace sallyport::camera {
namespace {

constexpr std::size_t kJpegBytesMax = 8 * 1024 * 1024;

// Splits at the end-of-image marker. Inside entropy-coded data 0xFF is always stuffed, so that FF D9 ends the picture.
class MjpegStream final : public FrameSource {
public:
    MjpegStream(std::ifstream in, bool live) : in_(std::move(in)), live_(live) {}

    Result<FrameOrEnd> next() override {
        FrameOrEnd out;
        auto& jpeg = out.frame.bytes;
        int previous = -1;
        for (int byte = in_.get(); byte != std::char_traits<char>::eof(); byte = in_.get()) {
            const bool starting = jpeg.empty();
            if (starting && previous == 0xff && byte == 0xd8) {
                jpeg = {0xff, 0xd8};
            } else if (!starting) {
                jpeg.push_back(static_cast<std::uint8_t>(byte));
                if (previous == 0xff && byte == 0xd9)
                    return out;
                if (jpeg.size() > kJpegBytesMax)
                    return Error(Errc::exhausted, "mjpeg: a picture of more than 8 MiB");
            }
            previous = byte;
        }
        out.ended = true;
        out.end = live_ ? SourceEnd::lost : SourceEnd::finished;
        return out;
    }

    bool live() const override { return live_; }

private:
    std::ifstream in_;
    bool live_;
};

class JpegFolder final : public FrameSource {
public:
    explicit JpegFolder(std::vector<std::filesystem::path> files) : files_(std::move(files)) {}

    Result<FrameOrEnd> next() override {
        FrameOrEnd out;
        if (at_ == files_.size()) {
            out.ended = true;
            return out;
        }
        const auto& file = files_[at_++];
        std::ifstream in(file, std::ios::binary);
        out.frame.bytes.assign(std::istreambuf_iterator<char>(in), {});
        if (out.frame.bytes.empty() || out.frame.bytes.size() > kJpegBytesMax)
            return Error(Errc::io, file.string() + ": cannot be read as a picture");
        return out;
    }

    bool live() const override { return false; }

private:
    std::vector<std::filesystem::path> files_;
    std::size_t at_ = 0;
};

}  // namespace

Result<std::unique_ptr<FrameSource>> open_mjpeg_stream(const std::string& file) {
    std::error_code ignored;
    const bool live = std::filesystem::is_fifo(file, ignored);
    std::ifstream in(file, std::ios::binary);
    if (!in)
        return Error(Errc::not_found, "mjpeg " + file + ": cannot be opened");
    return std::unique_ptr<FrameSource>(std::make_unique<MjpegStream>(std::move(in), live));
}

Result<std::unique_ptr<FrameSource>> open_jpeg_folder(const std::string& folder) {
    std::vector<std::filesystem::path> files;
    std::error_code failed;
    for (const auto& entry : std::filesystem::directory_iterator(folder, failed))
        if (const auto suffix = entry.path().extension(); suffix == ".jpg" || suffix == ".jpeg")
            files.push_back(entry.path());
    if (failed || files.empty())
        return Error(Errc::not_found, "folder " + folder + ": no *.jpg in it");
    std::sort(files.begin(), files.end());
    return std::unique_ptr<FrameSource>(std::make_unique<JpegFolder>(std::move(files)));
}

}  // namespace sallyport::camera
