// SPDX-License-Identifier: Apache-2.0
//
// The one file of the rules that includes yaml-cpp. Its event interface is used, not its nodes: those accept
// a duplicate key in silence.
#include "rules/engine/yaml_document.hpp"

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/mark.h>
#include <yaml-cpp/parser.h>

#include <algorithm>
#include <charconv>
#include <optional>
#include <sstream>

namespace sallyport::rules {
namespace {

Place place_of(const YAML::Mark& mark) {
    return {mark.line + 1, mark.column + 1};
}

struct Refused {
    Place place;
    std::string message;
};

// Builds the tree while the parser walks through the text; leaves by exception, which parse_yaml() catches.
class TreeBuilder final : public YAML::EventHandler {
public:
    [[nodiscard]] std::optional<YamlNode> take() {
        auto taken = std::move(root_);
        root_.reset();
        return taken;
    }

    void OnDocumentStart(const YAML::Mark&) override { root_.reset(); }
    void OnDocumentEnd() override {}

    void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
        add(make(YamlNode::Kind::scalar, mark, anchor));
    }
    void OnAlias(const YAML::Mark& mark, YAML::anchor_t) override {
        throw Refused{place_of(mark), "aliases are not taken"};
    }
    void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                  const std::string& text) override {
        check_tag(mark, tag);
        YamlNode node = make(YamlNode::Kind::scalar, mark, anchor);
        node.text = text;
        node.quoted = tag == "!";
        add(std::move(node));
    }
    void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                         YAML::EmitterStyle::value) override {
        check_tag(mark, tag);
        open(make(YamlNode::Kind::list, mark, anchor));
    }
    void OnSequenceEnd() override { close(); }
    void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                    YAML::EmitterStyle::value) override {
        check_tag(mark, tag);
        open(make(YamlNode::Kind::map, mark, anchor));
    }
    void OnMapEnd() override { close(); }

private:
    struct Level {
        YamlNode node;
        std::optional<YamlEntry> pending;  // a key that waits for its value
    };

    static void check_tag(const YAML::Mark& mark, const std::string& tag) {
        if (!tag.empty() && tag != "?" && tag != "!") throw Refused{place_of(mark), "tags are not taken"};
    }

    YamlNode make(YamlNode::Kind kind, const YAML::Mark& mark, YAML::anchor_t anchor) {
        if (anchor != 0) throw Refused{place_of(mark), "anchors are not taken"};
        if (++nodes_ > kYamlNodesMax) throw Refused{place_of(mark), "too many nodes"};
        YamlNode node;
        node.kind = kind;
        node.place = place_of(mark);
        return node;
    }

    void open(YamlNode node) {
        if (levels_.size() >= kYamlDepthMax) throw Refused{node.place, "nested too deeply"};
        if (!levels_.empty() && levels_.back().node.is_map() && !levels_.back().pending)
            throw Refused{node.place, "a key must be a scalar"};
        levels_.push_back({std::move(node), std::nullopt});
    }

    void close() {
        YamlNode node = std::move(levels_.back().node);
        levels_.pop_back();
        add(std::move(node));
    }

    void add(YamlNode node) {
        if (levels_.empty()) {
            root_ = std::move(node);
            return;
        }
        Level& level = levels_.back();
        if (level.node.is_list()) {
            level.node.items.push_back(std::move(node));
        } else if (level.pending) {
            level.pending->value = std::move(node);
            level.node.entries.push_back(std::move(*level.pending));
            level.pending.reset();
        } else {
            if (level.node.find(node.text) != nullptr)
                throw Refused{node.place, "the key '" + node.text + "' is there twice"};
            level.pending = YamlEntry{node.text, node.place, {}};
        }
    }

    std::vector<Level> levels_;
    std::optional<YamlNode> root_;
    std::size_t nodes_ = 0;
};

template <class Number>
std::optional<Number> number_of(std::string_view text) {
    if (text.starts_with('+')) text.remove_prefix(1);
    Number number{};
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
    return number;
}

bool starts_like_number(std::string_view text) {
    const auto first = text.find_first_not_of("+-.");
    return first != std::string_view::npos && first <= 2 && text[first] >= '0' && text[first] <= '9';
}

}  // namespace

const YamlEntry* YamlNode::find(std::string_view key) const {
    const auto at = std::find_if(entries.begin(), entries.end(),
                                 [&](const YamlEntry& entry) { return entry.key == key; });
    return at == entries.end() ? nullptr : &*at;
}

Value YamlNode::scalar() const {
    if (!is_scalar()) return nullptr;
    if (quoted) return text;
    if (text.empty() || text == "~" || text == "null" || text == "Null" || text == "NULL") return nullptr;
    if (text == "true" || text == "True" || text == "TRUE") return true;
    if (text == "false" || text == "False" || text == "FALSE") return false;
    if (starts_like_number(text)) {
        if (const auto integer = number_of<std::int64_t>(text)) return *integer;
        if (const auto number = number_of<double>(text)) return *number;
    }
    return text;
}

std::vector<YamlNode> parse_yaml(const Source& source, std::vector<Fault>& faults) {
    std::vector<YamlNode> documents;
    const auto refuse = [&](Place place, std::string message) {
        faults.push_back({source.file, place.line, place.column, std::move(message)});
    };
    if (source.text.size() > kYamlBytesMax) {
        refuse({}, "the file is larger than " + std::to_string(kYamlBytesMax) + " bytes");
        return documents;
    }
    try {
        std::istringstream stream(source.text);
        YAML::Parser parser(stream);
        TreeBuilder builder;
        while (parser.HandleNextDocument(builder))
            if (auto document = builder.take(); document && !document->is_null())
                documents.push_back(std::move(*document));
    } catch (const Refused& refused) {
        refuse(refused.place, refused.message);
    } catch (const YAML::Exception& error) {
        refuse(place_of(error.mark), "no valid YAML: " + error.msg);
    }
    return documents;
}

}  // namespace sallyport::rules
