import RLCore
import RLSystem

// The small arrays of a state as `state.safetensors`: floats F32, bytes U8, integers I32, words U64.

extension SavedState {
  /// - Precondition: names have at most 256 bytes of UTF-8.
  var safetensors: Safetensors {
    Safetensors(tensors: entries.map { .init($0.key, $0.value) })
  }

  /// - Throws: `FileError` when the file holds what no state has.
  init(_ contents: Safetensors, path: String) throws(FileError) {
    self.init()
    guard contents.metadata.isEmpty else {
      throw CheckpointManifest.damaged(path, "has metadata, which no checkpoint has")
    }
    for tensor in contents.tensors {
      guard tensor.shape.count == 1, let entry = Entry(tensor) else {
        throw CheckpointManifest.damaged(path, "\"\(tensor.name)\" is not a part of a state")
      }
      self[tensor.name] = entry
    }
  }
}

extension Safetensors.Tensor {
  fileprivate init(_ name: String, _ entry: SavedState.Entry) {
    switch entry {
    case .floats(let values): self.init(name, values)
    case .bytes(let values): self.init(name, values)
    case .integers(let values): self.init(name, values)
    case .words(let values): self.init(name, values)
    }
  }
}

extension SavedState.Entry {
  fileprivate init?(_ tensor: Safetensors.Tensor) {
    switch tensor.element {
    case .f32: self = .floats(tensor.floats ?? [])
    case .u8: self = .bytes(tensor.unsignedBytes ?? [])
    case .i32: self = .integers(tensor.integers ?? [])
    case .u64: self = .words(tensor.words ?? [])
    case .f64, .i64: return nil
    }
  }
}
