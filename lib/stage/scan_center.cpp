#include "stage/scan_center.hpp"

#include <numbers>
#include <utility>

#include "stage/sinogram_reader.hpp"

namespace ir {

index_t scan_center_bytes(const stream_header& h, const scan_layout& s,
                          const scan_center_options& o) {
  const index_t rows = center_rows(s.v.size, o.rows).count;
  const index_t sinograms = rows * s.views() * s.u.size * index_t{sizeof(float)};
  return sinogram_reader::host_bytes(s, data_of(h).type, rows) + 2 * sinograms +
         rotation_center_bytes(rows, s.views(), s.u.size);
}

rotation_center find_scan_center(queue& q, const frame_source& from, const scan_layout& s,
                                 const scan_center_options& o) {
  queue host({}, q.cancel());
  sinogram_reader reader(from, s, precision::f32, o.dark);
  std::vector<double> angles = reader.angles(host);
  for (double& a : angles) a *= std::numbers::pi / 180;
  const row_choice rows = center_rows(s.v.size, o.rows);
  stored_sinograms stored;
  reader.fetch(host, {rows.begin, rows.count, rows.step}, stored);
  array sinograms(host, dtype::f32, {rows.count, s.views(), s.u.size});
  reader.convert(host, stored, sinograms.get());
  return find_rotation_center(host, std::as_const(sinograms).get(), angles, o.how);
}

}  // namespace ir
