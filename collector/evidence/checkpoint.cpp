// SPDX-License-Identifier: Apache-2.0
#include "collector/evidence/checkpoint.hpp"

#include <algorithm>
#include <charconv>

#include "protocol/timestamp.hpp"

namespace sallyport::evidence {
namespace {

constexpr std::size_t kBytesMax = 16 * 1024;
constexpr std::size_t kSignaturesMax = 16;
constexpr std::string_view kDash = "\u2014 ";
constexpr std::string_view kSigned = "signed ";
constexpr std::size_t kKeyIdBytes = 4;

struct NoteSignature {
    std::string_view name;
    Bytes key_id;
    Bytes signature;
};

struct Note {
    std::string_view text;  // with its last line feed
    std::vector<NoteSignature> signatures;
};

Error malformed(std::string why) { return Error(Errc::bad_input, "checkpoint: " + std::move(why)); }

Bytes key_id_of(const PublicKey& key) {
    const Digest fingerprint = key.fingerprint();
    return {fingerprint.begin(), fingerprint.begin() + kKeyIdBytes};
}

Result<NoteSignature> read_signature(std::string_view line) {
    if (!line.starts_with(kDash))
        return malformed("a signature line must begin with a dash");
    line.remove_prefix(kDash.size());
    const std::size_t space = line.find(' ');
    if (space == 0 || space == std::string_view::npos)
        return malformed("a signature line is a name and a signature");
    auto bytes = from_base64(line.substr(space + 1));
    if (!bytes || bytes->size() <= kKeyIdBytes)
        return malformed("a signature is no base64 of a key id and a signature");
    const auto id_end = bytes->begin() + kKeyIdBytes;
    return NoteSignature{line.substr(0, space), {bytes->begin(), id_end}, {id_end, bytes->end()}};
}

Result<Note> read_note(std::string_view note) {
    if (note.size() > kBytesMax)
        return malformed(std::to_string(note.size()) + " bytes, at most " + std::to_string(kBytesMax) + " are taken");
    if (std::any_of(note.begin(), note.end(), [](char c) { return static_cast<unsigned char>(c) < 0x20 && c != '\n'; }))
        return malformed("a control character");
    const std::size_t gap = note.rfind("\n\n");
    if (gap == std::string_view::npos || note.back() != '\n')
        return malformed("text, an empty line, and signature lines are needed");
    Note read{note.substr(0, gap + 1), {}};
    for (std::string_view rest = note.substr(gap + 2); !rest.empty();) {
        const std::size_t end = rest.find('\n');
        auto signature = read_signature(rest.substr(0, end));
        if (!signature)
            return signature.error();
        read.signatures.push_back(std::move(*signature));
        rest.remove_prefix(end + 1);
    }
    if (read.signatures.empty() || read.signatures.size() > kSignaturesMax)
        return malformed(std::to_string(read.signatures.size()) + " signatures, 1 to 16 are taken");
    return read;
}

// One line off the front.
std::string_view take_line(std::string_view& text) {
    const std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(line.size() + 1, text.size()));
    return line;
}

Result<TreeHead> read_head(std::string_view text) {
    TreeHead head;
    head.origin = take_line(text);
    const std::string_view size = take_line(text), root = take_line(text);
    if (head.origin.empty())
        return malformed("line 1: no origin");
    const auto [end, failure] = std::from_chars(size.data(), size.data() + size.size(), head.size);
    if (failure != std::errc() || end != size.data() + size.size() || (size.size() > 1 && size.front() == '0'))
        return malformed("line 2: the size must be a number");
    auto bytes = from_base64(root);
    if (!bytes || bytes->size() != head.root.size())
        return malformed("line 3: the root must be base64 of 32 bytes");
    std::copy(bytes->begin(), bytes->end(), head.root.begin());
    std::string_view when = take_line(text);
    auto signed_at = when.starts_with(kSigned) ? parse_time(when.substr(kSigned.size())) : malformed("no time");
    if (!signed_at || !text.empty())
        return malformed("line 4, the last one: must say when it was signed");
    head.signed_at = *signed_at;
    return head;
}

std::string text_of(const TreeHead& head) {
    return head.origin + "\n" + std::to_string(head.size) + "\n" + to_base64(head.root) + "\n" +
           std::string(kSigned) + format_time(head.signed_at) + "\n";
}

Result<std::string> signature_line(std::string_view text, std::string_view name, const SigningKey& key) {
    auto signature = key.sign(bytes_of(text));
    if (!signature)
        return signature.error().within("checkpoint");
    Bytes bytes = key_id_of(key.public_key());
    bytes.insert(bytes.end(), signature->begin(), signature->end());
    return std::string(kDash) + std::string(name) + " " + to_base64(bytes) + "\n";
}

}  // namespace

std::string log_origin(std::string_view ori, std::uint64_t epoch) {
    return "sallyport/" + std::string(ori) + "/" + std::to_string(epoch);
}

Result<std::string> sign_checkpoint(const TreeHead& head, const SigningKey& key) {
    const std::string text = text_of(head);
    auto line = signature_line(text, head.origin, key);
    return line ? Result(text + "\n" + *line) : line.error();
}

Result<std::string> add_signature(std::string_view checkpoint, const SigningKey& key) {
    auto note = read_note(checkpoint);
    if (!note)
        return note.error();
    auto head = read_head(note->text);
    if (!head)
        return head.error();
    auto line = signature_line(note->text, head->origin, key);
    return line ? Result(std::string(checkpoint) + *line) : line.error();
}

Result<TreeHead> read_checkpoint(std::string_view checkpoint) {
    auto note = read_note(checkpoint);
    return note ? read_head(note->text) : note.error();
}

Result<TreeHead> open_checkpoint(std::string_view checkpoint, std::span<const PublicKey> keys) {
    auto note = read_note(checkpoint);
    if (!note)
        return note.error();
    auto head = read_head(note->text);
    if (!head)
        return head.error();
    bool signed_by_known = false;
    for (const NoteSignature& signature : note->signatures) {
        const auto key = std::find_if(keys.begin(), keys.end(), [&](const PublicKey& known) {
            return signature.name == head->origin && key_id_of(known) == signature.key_id;
        });
        if (key == keys.end())
            continue;
        if (!key->verify(bytes_of(note->text), signature.signature))
            return Error(Errc::refused, "checkpoint: the signature of size " + std::to_string(head->size) + " is wrong");
        signed_by_known = true;
    }
    if (!signed_by_known)
        return Error(Errc::refused, "checkpoint: size " + std::to_string(head->size) + " is signed by no known key");
    return head;
}

}  // namespace sallyport::evidence
