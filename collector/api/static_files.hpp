// SPDX-License-Identifier: Apache-2.0
//
// The built console, read into memory at start: a request can name only what was there then, so that no path
// leads out of the folder and a swapped file is not served.
#pragma once

#include <filesystem>
#include <map>
#include <string>

#include "collector/api/http.hpp"

namespace sallyport::api {

class StaticFiles {
public:
    // An empty path gives an empty set. Fails on a missing folder, one without index.html, more than 16 MB.
    [[nodiscard]] static Result<StaticFiles> load(const std::filesystem::path& folder);

    // GET of "/" or a file's path; assets with a hash in their name may be kept for a year.
    [[nodiscard]] Response serve(const Request& request) const;

private:
    struct File {
        std::string content_type, body, cache_control;
    };
    std::map<std::string, File> files_;
};

}  // namespace sallyport::api
