#pragma once
#include <memory>
#include <mutex>
#include <span>
#include <vector>

#include "io/descriptor.hpp"
#include "io/tiff_pages.hpp"

namespace ir::tiff {

/// Whether the library decompresses this scheme: "" or the reason why not, for messages.
std::string why_not_decoded(int compression);

/// Decompresses strips and tiles of one file through libtiff, from many threads at once: handles
/// are not thread-safe, so each call takes one of a pool. What a handle decoded last it keeps, as a
/// large strip is often asked for in parts.
class block_decoder {
 public:
  explicit block_decoder(std::shared_ptr<const descriptor>);
  ~block_decoder();

  /// Calls `use` with all bytes of block `number` of `p`: whole lines of `layout::line_bytes`, in
  /// the machine's byte order, YCbCr turned into RGB. data_error: damaged or cut short.
  template <class Use>
  void with_block(const page& p, const layout& how, index_t number, const Use& use) const {
    lease held = take(p, number);
    use(decode(*held.from, p, how, number));
  }

 private:
  struct handle;
  struct lease {
    const block_decoder* pool;
    std::unique_ptr<handle> from;
    lease(const block_decoder*, std::unique_ptr<handle>);
    lease(const lease&) = delete;
    ~lease();
  };
  lease take(const page&, index_t number) const;
  std::span<const std::byte> decode(handle&, const page&, const layout&, index_t number) const;

  std::shared_ptr<const descriptor> file_;
  mutable std::mutex lock_;
  mutable std::vector<std::unique_ptr<handle>> idle_;
};

}  // namespace ir::tiff
