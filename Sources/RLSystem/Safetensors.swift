/// The contents of a safetensors file (github.com/huggingface/safetensors): text and named arrays.
public struct Safetensors: Sendable, Equatable {
  /// The type of a tensor's elements, by its name in the file.
  public enum Element: String, Sendable, CaseIterable {
    case u8 = "U8"
    case i32 = "I32"
    case f32 = "F32"
    case f64 = "F64"
    case i64 = "I64"
    case u64 = "U64"

    /// Bytes per element.
    public var byteCount: Int {
      switch self {
      case .u8: 1
      case .i32, .f32: 4
      case .f64, .i64, .u64: 8
      }
    }

    /// The place in the reference implementation's order of types; larger comes first in a file.
    var rank: Int {
      switch self {
      case .u8: 0
      case .i32: 1
      case .f32: 2
      case .f64: 3
      case .i64: 4
      case .u64: 5
      }
    }
  }

  /// A named array in row-major order.
  public struct Tensor: Sendable, Equatable {
    public let name: String
    public let element: Element
    public let shape: [Int]  // [] is a scalar
    public let bytes: ArraySlice<UInt8>  // little-endian; shares the file's storage when read

    /// - Precondition: the shape's elements take exactly `bytes.count` bytes.
    public init(name: String, element: Element, shape: [Int], bytes: ArraySlice<UInt8>) {
      precondition(
        shape.reduce(element.byteCount, *) == bytes.count, "\(name): shape and bytes disagree")
      self.name = name
      self.element = element
      self.shape = shape
      self.bytes = bytes
    }
  }

  public var metadata: [String: String]
  public var tensors: [Tensor]

  public init(metadata: [String: String] = [:], tensors: [Tensor] = []) {
    self.metadata = metadata
    self.tensors = tensors
  }

  /// The tensor called `name`.
  public subscript(name: String) -> Tensor? { tensors.first { $0.name == name } }
}

extension Safetensors {
  /// What reader and writer keep to, so that a hostile file cannot ask for much.
  public enum Limit {
    /// Bytes of a header, as in the reference implementation.
    public static let headerBytes = 100_000_000
    public static let tensors = 65_536
    public static let metadataKeys = 65_536
    /// UTF-8 bytes of the name of a tensor or of a metadata key.
    public static let nameBytes = 256
    /// Axes of a tensor.
    public static let axes = 32
  }
}
