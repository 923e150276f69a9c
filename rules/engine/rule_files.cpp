// SPDX-License-Identifier: Apache-2.0
#include "rules/engine/rule_files.hpp"

#include <algorithm>
#include <array>
#include <fstream>
#include <iterator>

#include "rules/engine/yaml_document.hpp"

namespace sallyport::rules {
namespace {

namespace fs = std::filesystem;

bool is_yaml(const fs::path& file) {
    return file.extension() == ".yml" || file.extension() == ".yaml";
}

Result<std::vector<fs::path>> files_under(const fs::path& path) {
    std::error_code failure;
    if (!fs::exists(path, failure))
        return Error(Errc::not_found, "rules: " + path.string() + ": there is no such file or folder");
    if (!fs::is_directory(path, failure)) return std::vector<fs::path>{path};
    std::vector<fs::path> files;
    for (fs::recursive_directory_iterator at(path, failure), end; !failure && at != end;
         at.increment(failure))
        if (std::error_code ignored; at->is_regular_file(ignored) && is_yaml(at->path()))
            files.push_back(at->path());
    if (failure) return Error(Errc::io, "rules: " + path.string() + ": " + failure.message());
    std::sort(files.begin(), files.end());
    return files;
}

Result<Source> read_file(const fs::path& file) {
    std::ifstream stream(file, std::ios::binary);
    Source source{file.string(), {}};
    // More than is taken, so that what is too large is refused as such and not cut off.
    std::array<char, 16 * 1024> piece{};
    while (source.text.size() <= kYamlBytesMax && (stream.read(piece.data(), piece.size()) || stream.gcount() > 0))
        source.text.append(piece.data(), static_cast<std::size_t>(stream.gcount()));
    if (!stream.is_open() || stream.bad())
        return Error(Errc::io, "rules: " + file.string() + ": cannot be read");
    return source;
}

}  // namespace

Result<std::vector<Source>> read_sources(const std::vector<fs::path>& paths) {
    std::vector<Source> sources;
    for (const fs::path& path : paths) {
        auto files = files_under(path);
        if (!files) return files.error();
        for (const fs::path& file : *files) {
            auto source = read_file(file);
            if (!source) return source.error();
            sources.push_back(std::move(*source));
        }
    }
    return sources;
}

Result<std::shared_ptr<const RuleSet>> load_rules(const std::vector<Source>& sources,
                                                  const PlaceholderSource& placeholders) {
    auto loaded = RuleSet::load(sources, placeholders);
    const auto* faults = std::get_if<std::vector<Fault>>(&loaded);
    if (faults == nullptr) return std::get<std::shared_ptr<const RuleSet>>(std::move(loaded));
    const std::string others =
        faults->size() == 1 ? "" : std::to_string(faults->size()) + " faults, the first: ";
    return Error(Errc::bad_input, "rules: " + others + faults->front().text());
}

}  // namespace sallyport::rules
