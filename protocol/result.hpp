// SPDX-License-Identifier: Apache-2.0
//
// The one way in which anything in Sallyport fails.
//
// A Result<T> holds a T or an Error. It is [[nodiscard]]: a dropped failure does not compile. Each layer adds its
// "where" while passing an error up, so that the sentence ends as `spool: append: seq 42: disk full`.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

namespace sallyport {

// What kind of failure it is, for machines: whether to retry, refuse or stop.
enum class Errc {
    bad_input,    // what was given breaks a rule of its format; the message names the place
    refused,      // not allowed: a signature, a key, a role, a topic
    not_found,    // the thing asked for does not exist
    conflict,     // it contradicts what is already there
    corrupt,      // stored data is not what was written
    io,           // the operating system or a library failed
    unavailable,  // a peer or device is away; trying again later is sensible
    exhausted,    // a bound was reached: size, depth, space
    internal,     // our own mistake
};

[[nodiscard]] std::string_view to_string(Errc code);

class [[nodiscard]] Error {
public:
    Error(Errc code, std::string message) : code_(code), message_(std::move(message)) {}

    [[nodiscard]] Errc code() const { return code_; }
    // A sentence for people: where, on what, why.
    [[nodiscard]] const std::string& message() const { return message_; }
    [[nodiscard]] bool retryable() const { return code_ == Errc::unavailable || code_ == Errc::io; }

    // The same failure, seen from one layer further up.
    [[nodiscard]] Error within(std::string_view where) const {
        return Error(code_, std::string(where) + ": " + message_);
    }

private:
    Errc code_;
    std::string message_;
};

template <class T>
class [[nodiscard]] Result {
public:
    Result(T value) : state_(std::in_place_index<0>, std::move(value)) {}  // NOLINT(google-explicit-constructor)
    Result(Error error) : state_(std::in_place_index<1>, std::move(error)) {}  // NOLINT(google-explicit-constructor)

    [[nodiscard]] bool ok() const { return state_.index() == 0; }
    explicit operator bool() const { return ok(); }

    [[nodiscard]] T& value() & { return std::get<0>(state_); }
    [[nodiscard]] const T& value() const& { return std::get<0>(state_); }
    // By value: `for (auto& x : *f())` must not outlive what f() returned.
    [[nodiscard]] T value() && { return std::get<0>(std::move(state_)); }
    [[nodiscard]] T& operator*() & { return value(); }
    [[nodiscard]] const T& operator*() const& { return value(); }
    [[nodiscard]] T operator*() && { return std::move(*this).value(); }
    [[nodiscard]] T* operator->() { return &value(); }
    [[nodiscard]] const T* operator->() const { return &value(); }

    [[nodiscard]] const Error& error() const { return std::get<1>(state_); }

private:
    std::variant<T, Error> state_;
};

template <>
class [[nodiscard]] Result<void> {
public:
    Result() = default;
    Result(Error error) : error_(std::move(error)) {}  // NOLINT(google-explicit-constructor)

    [[nodiscard]] bool ok() const { return !error_.has_value(); }
    explicit operator bool() const { return ok(); }
    [[nodiscard]] const Error& error() const { return *error_; }

private:
    std::optional<Error> error_;
};


}  // namespace sallyport
