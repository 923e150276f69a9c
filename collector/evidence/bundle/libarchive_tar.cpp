// SPDX-License-Identifier: Apache-2.0
#include <archive.h>
#include <archive_entry.h>

#include <memory>

#include "collector/evidence/bundle/tar.hpp"

namespace sallyport::evidence {
namespace {

struct FreeArchive {
    void operator()(archive* handle) const { archive_write_free(handle); }
};
struct FreeEntry {
    void operator()(archive_entry* entry) const { archive_entry_free(entry); }
};

la_ssize_t append(archive*, void* out, const void* bytes, std::size_t size) {
    static_cast<std::string*>(out)->append(static_cast<const char*>(bytes), size);
    return static_cast<la_ssize_t>(size);
}

// Writes one archive into a text.
class TarWriter {
public:
    TarWriter() : archive_(archive_write_new()), entry_(archive_entry_new()) {}

    Result<void> open() {
        if (!archive_ || !entry_) return Error(Errc::exhausted, "tar: no memory");
        // Handed on block by block, and nothing filled up beyond the last one.
        if (archive_write_set_format_ustar(archive_.get()) != ARCHIVE_OK ||
            archive_write_set_bytes_per_block(archive_.get(), kTarBlock) != ARCHIVE_OK ||
            archive_write_set_bytes_in_last_block(archive_.get(), kTarBlock) != ARCHIVE_OK ||
            archive_write_open(archive_.get(), &text_, nullptr, append, nullptr) != ARCHIVE_OK)
            return failure("open");
        return {};
    }

    Result<void> header(std::string_view name, std::uint64_t size) {
        if (auto fits = tar_header(name, size); !fits) return fits.error().within("tar");
        archive_entry_clear(entry_.get());
        archive_entry_set_pathname(entry_.get(), std::string(name).c_str());
        archive_entry_set_size(entry_.get(), static_cast<la_int64_t>(size));
        archive_entry_set_filetype(entry_.get(), AE_IFREG);
        archive_entry_set_perm(entry_.get(), 0444);
        archive_entry_set_mtime(entry_.get(), 0, 0);
        return archive_write_header(archive_.get(), entry_.get()) == ARCHIVE_OK ? Result<void>() : failure(name);
    }

    Result<void> content(const Member& member) {
        const la_ssize_t written = archive_write_data(archive_.get(), member.content.data(), member.content.size());
        return written == static_cast<la_ssize_t>(member.content.size()) ? Result<void>() : failure(member.name);
    }

    Result<std::string> close() {
        if (archive_write_close(archive_.get()) != ARCHIVE_OK) return failure("close").error();
        return std::move(text_);
    }

private:
    [[nodiscard]] Result<void> failure(std::string_view what) const {
        const char* reason = archive_error_string(archive_.get());
        return Error(Errc::internal, "tar: " + std::string(what) + ": " + (reason != nullptr ? reason : "failed"));
    }

    std::string text_;
    std::unique_ptr<archive, FreeArchive> archive_;
    std::unique_ptr<archive_entry, FreeEntry> entry_;
};

}  // namespace

Result<std::string> write_tar(const std::vector<Member>& members) {
    TarWriter writer;
    if (auto done = writer.open(); !done) return done.error();
    for (const Member& member : members) {
        if (auto done = writer.header(member.name, member.content.size()); !done) return done.error();
        if (auto done = writer.content(member); !done) return done.error();
    }
    return writer.close();
}

}  // namespace sallyport::evidence
