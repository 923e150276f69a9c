// SPDX-License-Identifier: Apache-2.0
//
// Read-only connections lent to the handlers, one a handler at a time. Thread-safe.
#pragma once

#include <memory>
#include <mutex>
#include <vector>

#include "collector/store/writer.hpp"

namespace sallyport::api {

class ReaderPool {
public:
    explicit ReaderPool(const store::Writer& writer) : writer_(writer) {}

    // Goes back to the pool when it dies; must not outlive it.
    using Loan = std::unique_ptr<Database, std::function<void(Database*)>>;

    [[nodiscard]] Result<Loan> borrow() {
        std::unique_ptr<Database> reader;
        {
            std::lock_guard lock(mutex_);
            if (!idle_.empty()) {
                reader = std::move(idle_.back());
                idle_.pop_back();
            }
        }
        if (!reader) {
            auto opened = writer_.reader();
            if (!opened) return opened.error().within("api: reader");
            reader = std::make_unique<Database>(std::move(*opened));
        }
        return Loan(reader.release(), [this](Database* returned) {
            std::lock_guard lock(mutex_);
            idle_.emplace_back(returned);
        });
    }

private:
    const store::Writer& writer_;
    std::mutex mutex_;
    std::vector<std::unique_ptr<Database>> idle_;
};

}  // namespace sallyport::api
