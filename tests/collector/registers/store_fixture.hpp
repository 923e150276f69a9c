// SPDX-License-Identifier: Apache-2.0
//
// A real store file in a folder of its own, and verbs to fill its registers.
#pragma once

#include <gtest/gtest.h>

#include <filesystem>

#include "collector/store/register_repository.hpp"
#include "collector/store/schema.hpp"
#include "protocol/crypto.hpp"
#include "protocol/timestamp.hpp"

namespace sallyport::testing {

inline WallTime at(std::string_view text) { return *parse_time(text); }

class StoreFixture : public ::testing::Test {
protected:
    StoreFixture() : folder_(std::filesystem::temp_directory_path() / ("sallyport-" + random_id())) {
        std::filesystem::create_directories(folder_);
        database_.emplace(*Database::open(file()));
        EXPECT_TRUE(store::migrate(*database_));
    }
    ~StoreFixture() override {
        database_.reset();
        std::filesystem::remove_all(folder_);
    }

    [[nodiscard]] std::filesystem::path file() const { return folder_ / "store.db"; }
    [[nodiscard]] const std::filesystem::path& folder() const { return folder_; }
    Database& database() { return *database_; }
    Database reader() { return *Database::open(file(), Database::Access::read_only); }

    void record(std::string_view register_name, std::string_view id, Record data, WallTime recorded_at,
                std::optional<WallTime> valid_from = {}, std::optional<WallTime> valid_to = {}) {
        store::RegisterEntry entry;
        entry.ori = "CA0010000";
        entry.register_name = register_name;
        entry.id = id;
        entry.valid_from = valid_from.value_or(recorded_at);
        entry.valid_to = valid_to;
        entry.recorded_at = recorded_at;
        entry.changed_by = "test";
        entry.change_reason = "test";
        entry.data = std::move(data);
        const auto done = store::record_entry(*database_, entry);
        ASSERT_TRUE(done) << done.error().message();
    }

private:
    std::filesystem::path folder_;
    std::optional<Database> database_;
};

}  // namespace sallyport::testing
