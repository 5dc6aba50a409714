/// The addresses of the elements of four arrays, for the time of `body`.
func withAddresses<A, B, C, D>(
  _ a: [A], _ b: [B], _ c: [C], _ d: [D],
  _ body: (UnsafePointer<A>?, UnsafePointer<B>?, UnsafePointer<C>?, UnsafePointer<D>?) -> Void
) {
  unsafe a.withUnsafeBufferPointer { a in
    unsafe b.withUnsafeBufferPointer { b in
      unsafe c.withUnsafeBufferPointer { c in
        unsafe d.withUnsafeBufferPointer { d in
          unsafe body(a.baseAddress, b.baseAddress, c.baseAddress, d.baseAddress)
        }
      }
    }
  }
}

/// The same of two.
func withAddresses<A, B>(
  _ a: [A], _ b: [B], _ body: (UnsafePointer<A>?, UnsafePointer<B>?) -> Void
) {
  unsafe a.withUnsafeBufferPointer { a in
    unsafe b.withUnsafeBufferPointer { b in unsafe body(a.baseAddress, b.baseAddress) }
  }
}

/// The addresses of the elements of four arrays that are written, for the time of `body`.
func withMutableAddresses<A, B, C, D>(
  _ a: inout [A], _ b: inout [B], _ c: inout [C], _ d: inout [D],
  _ body: (
    UnsafeMutablePointer<A>?, UnsafeMutablePointer<B>?, UnsafeMutablePointer<C>?,
    UnsafeMutablePointer<D>?
  ) -> Void
) {
  unsafe withMutableAddresses(&a, &b) { a, b in
    unsafe withMutableAddresses(&c, &d) { c, d in unsafe body(a, b, c, d) }
  }
}

/// The same of two.
func withMutableAddresses<A, B>(
  _ a: inout [A], _ b: inout [B],
  _ body: (UnsafeMutablePointer<A>?, UnsafeMutablePointer<B>?) -> Void
) {
  unsafe withMutableAddress(&a) { a in
    unsafe withMutableAddress(&b) { b in unsafe body(a, b) }
  }
}

/// The same of one. An empty array has none: it shares the storage of all empty arrays, and would be
/// copied to be written.
private func withMutableAddress<A>(_ a: inout [A], _ body: (UnsafeMutablePointer<A>?) -> Void) {
  if a.isEmpty { return body(nil) }
  unsafe a.withUnsafeMutableBufferPointer { unsafe body($0.baseAddress) }
}
