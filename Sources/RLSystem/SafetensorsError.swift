/// A safetensors file that was refused. Such a file is never half-read.
public struct SafetensorsError: Error, Sendable, Equatable, CustomStringConvertible {
  /// What is wrong with it.
  public enum Fault: Sendable, Equatable {
    case tooShort(bytes: Int)
    case headerTooLarge(bytes: UInt64)
    case headerBeyondEnd(bytes: Int, available: Int)
    case doesNotStartWithBrace
    case bytesAfterHeader(at: Int)
    case expected(String, found: String, at: Int)
    case invalidUTF8(at: Int)
    case invalidEscape(at: Int)
    case controlCharacter(at: Int)
    case numberTooLarge(at: Int)
    case leadingZero(at: Int)
    case nameTooLong(at: Int)
    case tooManyTensors
    case tooManyMetadataKeys
    case tooManyAxes(tensor: String)
    case duplicateKey(String)
    case duplicateMetadataKey(String)
    case duplicateField(String, tensor: String)
    case unknownField(String, tensor: String)
    case missingField(String, tensor: String)
    case unknownType(String, tensor: String)
    case notTwoOffsets(tensor: String)
    case offsetsReversed(tensor: String)
    case shapeOverflows(tensor: String)
    case sizeMismatch(tensor: String, needed: Int, given: Int)
    case truncated(tensor: String, needed: Int, available: Int)
    case overlap(tensor: String)
    case hole(tensor: String, bytes: Int)
    case trailingBytes(Int)
  }

  public var file: String
  public var fault: Fault

  /// What is wrong and what to do, without the file's name.
  public var reason: String {
    "not a valid safetensors file: \(fault.text); restore it from a copy or write it again"
  }

  public var description: String { "\(file): \(reason)" }
}

extension SafetensorsError.Fault {
  var text: String {
    switch self {
    case .tooShort(let bytes): "\(bytes) bytes cannot hold the length of a header"
    case .headerTooLarge(let bytes):
      "a header of \(bytes) bytes exceeds \(Safetensors.Limit.headerBytes)"
    case .headerBeyondEnd(let bytes, let available):
      "the header should have \(bytes) bytes and the file has \(available) left"
    case .doesNotStartWithBrace: "the header does not start with {"
    case .bytesAfterHeader(let at): "JSON byte \(at): only spaces may follow the last }"
    case .expected(let what, let found, let at):
      "JSON byte \(at): expected \(what), found \(found)"
    case .invalidUTF8(let at): "JSON byte \(at): text that is not UTF-8"
    case .invalidEscape(let at): "JSON byte \(at): an escape that JSON does not have"
    case .controlCharacter(let at): "JSON byte \(at): a control character inside text"
    case .numberTooLarge(let at): "JSON byte \(at): a number above 2^63 - 1"
    case .leadingZero(let at): "JSON byte \(at): a number with a leading zero"
    case .nameTooLong(let at):
      "JSON byte \(at): a name longer than \(Safetensors.Limit.nameBytes) bytes"
    case .tooManyTensors: "more than \(Safetensors.Limit.tensors) tensors"
    case .tooManyMetadataKeys: "more than \(Safetensors.Limit.metadataKeys) metadata keys"
    case .tooManyAxes(let tensor):
      "tensor \"\(tensor)\" has more than \(Safetensors.Limit.axes) axes"
    case .duplicateKey(let key): "the key \"\(key)\" appears twice"
    case .duplicateMetadataKey(let key): "the metadata key \"\(key)\" appears twice"
    case .duplicateField(let field, let tensor): "tensor \"\(tensor)\" has two \"\(field)\""
    case .unknownField(let field, let tensor):
      "tensor \"\(tensor)\" has an unknown field \"\(field)\""
    case .missingField(let field, let tensor): "tensor \"\(tensor)\" has no \"\(field)\""
    case .unknownType(let type, let tensor):
      "tensor \"\(tensor)\" is of type \"\(type)\"; known are "
        + Safetensors.Element.allCases.map(\.rawValue).joined(separator: ", ")
    case .notTwoOffsets(let tensor): "tensor \"\(tensor)\" does not have two data offsets"
    case .offsetsReversed(let tensor): "tensor \"\(tensor)\" ends before it begins"
    case .shapeOverflows(let tensor): "the size of tensor \"\(tensor)\" overflows 64 bits"
    case .sizeMismatch(let tensor, let needed, let given):
      "the shape of tensor \"\(tensor)\" takes \(needed) bytes and its offsets span \(given)"
    case .truncated(let tensor, let needed, let available):
      "tensor \"\(tensor)\" ends at data byte \(needed) and the file at \(available): "
        + "it was cut short"
    case .overlap(let tensor): "tensor \"\(tensor)\" overlaps the one before it"
    case .hole(let tensor, let bytes):
      "\(bytes) bytes before tensor \"\(tensor)\" belong to nothing"
    case .trailingBytes(let count): "\(count) bytes after the last tensor belong to nothing"
    }
  }
}
