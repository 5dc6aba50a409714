internal import CRLEnv
internal import RLCore

/// Which side of an environment a space describes.
enum SpaceRole: String {
  case observation
  case action
}

/// The largest row of one lane, and the largest input of a network that reads it as 32-bit floats.
let largestRow = 64 << 20  // bytes

/// Reads and checks a list of leaves.
///
/// - Throws: `TableFault` naming the leaf and its field.
func readSpace(_ list: rlenv_list, _ role: SpaceRole) throws(TableFault) -> Space {
  let table = try unsafe TableList(
    list, role == .observation ? "obs" : "act", size: RLENV_SIZE_1_0_LEAF, empty: rlenv_leaf())
  guard unsafe table.count <= 1024 else {
    throw TableFault(
      "\(role)", "has a count of \(unsafe table.count) leaves, this host takes 1024 at most")
  }
  var leaves: [Leaf] = []
  for index in unsafe 0..<table.count {
    let leaf = try unsafe readLeaf(table[index], role, index)
    guard !leaves.contains(where: { $0.name == leaf.name }) else {
      throw TableFault(
        "\(role)", "two leaves are called \(escaped(leaf.name)): give each its own name")
    }
    leaves.append(leaf)
  }
  let space = Space(leaves)
  try checkSize(space, role)
  return space
}

private func checkSize(_ space: Space, _ role: SpaceRole) throws(TableFault) {
  var bytes = 0
  var width = 0
  for leaf in space.leaves {
    bytes += leaf.elementCount * leaf.element.byteCount
    width += leaf.encodedWidth
  }
  guard bytes <= largestRow else {
    throw TableFault(
      "\(role)",
      "a lane needs \(bytes) bytes, this host takes \(largestRow) at most: make the space smaller")
  }
  guard width <= largestRow / 4 else {
    throw TableFault(
      "\(role)",
      "a network would need \(width) inputs (one for each value of a choice), this host takes "
        + "\(largestRow / 4) at most: make the space smaller")
  }
}

private func readLeaf(
  _ leaf: rlenv_leaf, _ role: SpaceRole, _ index: Int
) throws(TableFault) -> Leaf {
  let list = role == .observation ? "obs" : "act"
  let name = try unsafe requiredText(leaf.name, "\(list)[\(index)].name", .leafName)
  let field = name.isEmpty ? "\(role)" : "\(role) leaf \"\(name)\""
  _ = try unsafe optionalText(leaf.doc, "\(field), doc", .prose)
  let element = try unsafe readElement(leaf, field)
  let shape = try unsafe readShape(leaf, field)
  let kind = try unsafe readKind(leaf, element, shape, role, field)
  try unsafe checkFlags(leaf, role, shape, field)
  return Leaf(
    name: name, kind: kind, element: element, shape: shape, image: unsafe imageLayout(leaf),
    isMasked: unsafe has(leaf, RLENV_LEAF_MASKED))
}

private func readElement(_ leaf: rlenv_leaf, _ field: String) throws(TableFault) -> Element {
  guard let element = unsafe element(leaf.dtype) else {
    throw TableFault(
      field, "dtype \(unsafe leaf.dtype) is none of RLENV_F32 ... RLENV_BOOL: correct it")
  }
  return element
}

private func element(_ dtype: Int32) -> Element? {
  switch Int(dtype) {
  case RLENV_F32: .f32
  case RLENV_F64: .f64
  case RLENV_U8: .u8
  case RLENV_I8: .i8
  case RLENV_U16: .u16
  case RLENV_I16: .i16
  case RLENV_U32: .u32
  case RLENV_I32: .i32
  case RLENV_I64: .i64
  case RLENV_BOOL: .bool
  default: nil
  }
}

private func readShape(_ leaf: rlenv_leaf, _ field: String) throws(TableFault) -> [Int] {
  guard unsafe leaf.ndim <= RLENV_MAX_DIMS else {
    throw TableFault(
      field, "ndim is \(unsafe leaf.ndim), at most \(RLENV_MAX_DIMS) axes are allowed: flatten some"
    )
  }
  let s = unsafe leaf.shape
  let shape = unsafe [s.0, s.1, s.2, s.3, s.4, s.5].prefix(Int(leaf.ndim)).map { Int($0) }
  var elements = 1
  for (axis, extent) in shape.enumerated() {
    guard extent >= 1 else {
      throw TableFault(field, "shape[\(axis)] is \(extent): every axis needs at least 1 element")
    }
    let (product, overflow) = elements.multipliedReportingOverflow(by: extent)
    guard !overflow, product <= largestRow else {
      throw TableFault(
        field, "shape \(shape) has more elements than this host takes, \(largestRow): shrink it")
    }
    elements = product
  }
  return shape
}

private func checkFlags(
  _ leaf: rlenv_leaf, _ role: SpaceRole, _ shape: [Int], _ field: String
) throws(TableFault) {
  let kind = unsafe Int(leaf.kind)
  if unsafe has(leaf, RLENV_LEAF_MASKED) {
    guard role == .action, kind == RLENV_KIND_DISCRETE || kind == RLENV_KIND_MULTI_DISCRETE else {
      throw TableFault(
        field, "a mask is for DISCRETE and MULTI_DISCRETE actions only: remove RLENV_LEAF_MASKED")
    }
  }
  if unsafe has(leaf, RLENV_LEAF_IMAGE), kind != RLENV_KIND_BOX || shape.count != 3 {
    throw TableFault(
      field, "an image is a BOX with three axes: remove RLENV_LEAF_IMAGE, or correct the shape")
  }
  if unsafe has(leaf, RLENV_LEAF_CHW) && !has(leaf, RLENV_LEAF_IMAGE) {
    throw TableFault(field, "RLENV_LEAF_CHW needs RLENV_LEAF_IMAGE: add it")
  }
}

private func imageLayout(_ leaf: rlenv_leaf) -> Leaf.ImageLayout? {
  guard unsafe has(leaf, RLENV_LEAF_IMAGE) else { return nil }
  return unsafe has(leaf, RLENV_LEAF_CHW) ? .chw : .hwc
}

private func has(_ leaf: rlenv_leaf, _ flag: Int) -> Bool { unsafe leaf.flags & UInt32(flag) != 0 }
