// SPDX-License-Identifier: Apache-2.0
#include "collector/api/static_files.hpp"

#include <fstream>
#include <iterator>

namespace sallyport::api {
namespace {

constexpr std::uintmax_t kBytesMax = 16 * 1024 * 1024;

std::string content_type_of(const std::filesystem::path& file) {
    static const std::map<std::string, std::string> kTypes = {{".html", "text/html; charset=utf-8"},
                                                              {".js", "text/javascript; charset=utf-8"},
                                                              {".css", "text/css; charset=utf-8"},
                                                              {".svg", "image/svg+xml"},
                                                              {".png", "image/png"},
                                                              {".ico", "image/x-icon"},
                                                              {".json", "application/json"},
                                                              {".txt", "text/plain; charset=utf-8"}};
    auto found = kTypes.find(file.extension().string());
    return found == kTypes.end() ? "application/octet-stream" : found->second;
}

}  // namespace

Result<StaticFiles> StaticFiles::load(const std::filesystem::path& folder) {
    StaticFiles loaded;
    if (folder.empty()) return loaded;
    std::error_code error;
    std::uintmax_t total = 0;
    for (std::filesystem::recursive_directory_iterator at(folder, error), end; !error && at != end;
         at.increment(error)) {
        if (!at->is_regular_file(error)) continue;
        total += at->file_size(error);
        if (total > kBytesMax)
            return Error(Errc::exhausted, "console: '" + folder.string() + "' holds more than 16 MB");
        std::ifstream in(at->path(), std::ios::binary);
        std::string body{std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
        if (!in) return Error(Errc::io, "console: cannot read '" + at->path().string() + "'");
        const auto name = "/" + at->path().lexically_relative(folder).generic_string();
        const bool hashed = name.starts_with("/assets/");
        loaded.files_[name] = {content_type_of(at->path()), std::move(body),
                               hashed ? "public, max-age=31536000, immutable" : "no-cache"};
    }
    if (error) return Error(Errc::io, "console: '" + folder.string() + "': " + error.message());
    if (!loaded.files_.contains("/index.html"))
        return Error(Errc::not_found,
                     "console: '" + folder.string() + "' has no index.html; build the console first");
    return loaded;
}

Response StaticFiles::serve(const Request& request) const {
    auto found = files_.find(request.path == "/" ? "/index.html" : request.path);
    if (found == files_.end()) return error_response(404, "not_found", "There is nothing here.");
    Response response;
    response.content_type = found->second.content_type;
    response.body = found->second.body;
    response.headers.emplace_back("Cache-Control", found->second.cache_control);
    return response;
}

}  // namespace sallyport::api
