/// The scalar type of a leaf's elements, as the plugin writes them.
public enum Element: String, Sendable, Codable, CaseIterable {
  case f32
  case f64
  case u8
  case i8
  case u16
  case i16
  case u32
  case i32
  case i64
  case bool

  /// Bytes per element.
  public var byteCount: Int {
    switch self {
    case .u8, .i8, .bool: 1
    case .u16, .i16: 2
    case .f32, .u32, .i32: 4
    case .f64, .i64: 8
    }
  }

  /// The type in which the host keeps the element: 64-bit floats are rounded to 32 bits once, at
  /// the border; everything else stays as it is.
  public var stored: Element { self == .f64 ? .f32 : self }

  /// Whether the element is a floating-point number.
  public var isFloat: Bool { self == .f32 || self == .f64 }
}
