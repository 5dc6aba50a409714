/// A flat array cut into ranges of one size: the unit of work of element-wise passes and of
/// reductions, the same for every number of threads.
struct Ranges {
  static let size = 4096

  let total: Int

  var count: Int { (total + Self.size - 1) / Self.size }

  subscript(index: Int) -> Range<Int> {
    index * Self.size..<min((index + 1) * Self.size, total)
  }
}
