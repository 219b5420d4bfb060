#include "cli/outcome.hpp"

#include <fmt/core.h>

#include <cstring>
#include <filesystem>
#include <new>

#include "core/cancellation.hpp"
#include "io/irs.hpp"

namespace ir {

outcome outcome_of(const std::exception_ptr& e) {
  try {
    std::rethrow_exception(e);
  } catch (const cancelled& c) {
    return {exit_code::ok, "", c.signal};
  } catch (const aborted_upstream&) {
    return {exit_code::upstream, "", 0};
  } catch (const bug_error& b) {
    const char* file = std::strrchr(b.at.file, '/');
    return {b.code,
            fmt::format("{} ({}:{}): this is a bug, please report it", b.what(),
                        file ? file + 1 : b.at.file, b.at.line),
            0};
  } catch (const error& known) {
    return {known.code, known.what(), 0};
  } catch (const std::bad_alloc&) {
    return {exit_code::memory, "out of memory: give less with --memory, or a smaller --roi", 0};
  } catch (const std::filesystem::filesystem_error& f) {
    return {exit_code::io, f.what(), 0};
  } catch (const std::exception& unknown) {
    return {exit_code::bug, fmt::format("{}: this is a bug, please report it", unknown.what()), 0};
  } catch (...) {
    return {exit_code::bug, "an unknown error: this is a bug, please report it", 0};
  }
}

}  // namespace ir
