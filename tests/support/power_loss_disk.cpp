// SPDX-License-Identifier: Apache-2.0
#include "tests/support/power_loss_disk.hpp"

#include <sqlite3.h>

#include <cstring>
#include <fstream>
#include <new>

namespace sallyport::testing {
namespace {

constexpr std::size_t kSector = 512;

// SQLite gives the memory: our head, and behind it the real file's.
struct LayeredFile {
    sqlite3_file base;
    PowerLossDisk* disk;
    const std::string* path;
    [[nodiscard]] sqlite3_file* real() { return reinterpret_cast<sqlite3_file*>(this + 1); }
};

LayeredFile& layered(sqlite3_file* file) { return *reinterpret_cast<LayeredFile*>(file); }
sqlite3_file* real(sqlite3_file* file) { return layered(file).real(); }

int close(sqlite3_file* file) {
    const int closed = real(file)->pMethods->xClose(real(file));
    delete layered(file).path;
    return closed;
}
int read(sqlite3_file* file, void* into, int count, sqlite3_int64 offset) {
    return layered(file).disk->dark() ? SQLITE_IOERR_READ : real(file)->pMethods->xRead(real(file), into, count, offset);
}
int write(sqlite3_file* file, const void* from, int count, sqlite3_int64 offset) {
    if (!layered(file).disk->written(*layered(file).path, static_cast<std::uint64_t>(offset), from, static_cast<std::size_t>(count)))
        return SQLITE_IOERR_WRITE;
    return real(file)->pMethods->xWrite(real(file), from, count, offset);
}
int truncate(sqlite3_file* file, sqlite3_int64 size) {
    if (!layered(file).disk->truncated(*layered(file).path, static_cast<std::uint64_t>(size)))
        return SQLITE_IOERR_TRUNCATE;
    return real(file)->pMethods->xTruncate(real(file), size);
}
// The real file is not synced: the disk that matters is this one.
int sync(sqlite3_file* file, int) { return layered(file).disk->synced(*layered(file).path) ? SQLITE_OK : SQLITE_IOERR_FSYNC; }
int file_size(sqlite3_file* file, sqlite3_int64* size) { return real(file)->pMethods->xFileSize(real(file), size); }
int lock(sqlite3_file* file, int level) { return real(file)->pMethods->xLock(real(file), level); }
int unlock(sqlite3_file* file, int level) { return real(file)->pMethods->xUnlock(real(file), level); }
int reserved(sqlite3_file* file, int* held) { return real(file)->pMethods->xCheckReservedLock(real(file), held); }
int control(sqlite3_file* file, int what, void* argument) { return real(file)->pMethods->xFileControl(real(file), what, argument); }
int sector_size(sqlite3_file*) { return kSector; }
int traits(sqlite3_file*) { return 0; }  // it promises nothing
int shared_map(sqlite3_file* file, int page, int size, int extend, void volatile** memory) {
    return real(file)->pMethods->xShmMap(real(file), page, size, extend, memory);
}
int shared_lock(sqlite3_file* file, int offset, int count, int flags) {
    return real(file)->pMethods->xShmLock(real(file), offset, count, flags);
}
void shared_barrier(sqlite3_file* file) { real(file)->pMethods->xShmBarrier(real(file)); }
int shared_unmap(sqlite3_file* file, int remove) { return real(file)->pMethods->xShmUnmap(real(file), remove); }

// Version 2: with shared memory, without mapped files, which would write past this layer.
constexpr sqlite3_io_methods kMethods = {
    2, close, read, write, truncate, sync, file_size, lock, unlock, reserved, control, sector_size, traits,
    shared_map, shared_lock, shared_barrier, shared_unmap, nullptr, nullptr};

PowerLossDisk& disk_of(sqlite3_vfs* layer) { return *static_cast<PowerLossDisk*>(layer->pAppData); }

int open(sqlite3_vfs* layer, const char* name, sqlite3_file* into, int flags, int* flags_out) {
    auto* file = new (into) LayeredFile{{nullptr}, &disk_of(layer), nullptr};
    if (file->disk->dark())
        return SQLITE_CANTOPEN;
    sqlite3_vfs* under = sqlite3_vfs_find("unix");
    const int opened = under->xOpen(under, name, file->real(), flags, flags_out);
    if (opened != SQLITE_OK)
        return opened;
    file->path = new std::string(name != nullptr ? name : "");
    file->base.pMethods = &kMethods;
    return SQLITE_OK;
}

int remove(sqlite3_vfs* layer, const char* name, int sync_folder) {
    if (!disk_of(layer).removed(name))
        return SQLITE_IOERR_DELETE;
    sqlite3_vfs* under = sqlite3_vfs_find("unix");
    return under->xDelete(under, name, sync_folder);
}

}  // namespace

PowerLossDisk::PowerLossDisk(std::uint32_t seed) : random_(seed), beneath_(sqlite3_vfs_find("unix")) {
    layer_ = std::make_unique<sqlite3_vfs>(*beneath_);
    layer_->szOsFile = static_cast<int>(sizeof(LayeredFile)) + beneath_->szOsFile;
    layer_->zName = "power-loss";
    layer_->pAppData = this;
    layer_->pNext = nullptr;
    layer_->xOpen = open;
    layer_->xDelete = remove;
    sqlite3_vfs_register(layer_.get(), 1);
}

PowerLossDisk::~PowerLossDisk() {
    sqlite3_vfs_unregister(layer_.get());
    sqlite3_vfs_register(beneath_, 1);
}

bool PowerLossDisk::powered() {
    if (dark())
        return false;
    ++operations_;
    return !dark();
}

bool PowerLossDisk::written(const std::string& path, std::uint64_t offset, const void* bytes, std::size_t count) {
    if (!powered()) {
        // The write that was under way: any of its sectors.
        if (operations_ == cut_at_)
            platters_[path].since.push_back({offset, {static_cast<const char*>(bytes), count}, false});
        return false;
    }
    platters_[path].since.push_back({offset, {static_cast<const char*>(bytes), count}, false});
    return true;
}

bool PowerLossDisk::truncated(const std::string& path, std::uint64_t size) {
    if (!powered())
        return false;
    platters_[path].since.push_back({size, {}, true});
    return true;
}

bool PowerLossDisk::synced(const std::string& path) {
    if (!powered())
        return false;
    Platter& platter = platters_[path];
    for (const Change& change : platter.since)
        apply(platter.synced, change, true);
    platter.since.clear();
    return true;
}

bool PowerLossDisk::removed(const std::string& path) {
    if (!powered())
        return false;
    platters_.erase(path);
    return true;
}

void PowerLossDisk::apply(std::string& content, const Change& change, bool all) {
    if (change.truncates) {
        if (all || coin())
            content.resize(change.offset, '\0');
        return;
    }
    for (std::size_t done = 0; done < change.bytes.size();) {
        const std::size_t sector = std::min(kSector - (change.offset + done) % kSector, change.bytes.size() - done);
        if (all || coin()) {
            if (content.size() < change.offset + done + sector)
                content.resize(change.offset + done + sector, '\0');
            std::memcpy(content.data() + change.offset + done, change.bytes.data() + done, sector);
        }
        done += sector;
    }
}

void PowerLossDisk::leave_in(const std::filesystem::path& folder) {
    for (const auto& [path, platter] : platters_) {
        std::string content = platter.synced;
        for (const Change& change : platter.since)
            apply(content, change, false);
        std::ofstream(folder / std::filesystem::path(path).filename(), std::ios::binary) << content;
    }
}

}  // namespace sallyport::testing
