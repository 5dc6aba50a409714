internal import CRLEnv

/// Checks the table that `rlenv_plugin` names, its environments apart.
///
/// - Throws: `TableFault` naming the field.
func readPlugin(_ symbol: UnsafeRawPointer) throws(TableFault) -> rlenv_plugin_v1 {
  guard UInt(bitPattern: symbol) % 8 == 0 else {
    throw TableFault("rlenv_plugin", "is not aligned to 8 bytes: it is not a rlenv_plugin_v1")
  }
  try unsafe checkPrefix(symbol)
  let size = unsafe symbol.load(fromByteOffset: 8, as: UInt32.self)
  return unsafe readElement(symbol, Int(size), rlenv_plugin_v1())
}

/// The 16 bytes that are the same in every major version.
private func checkPrefix(_ symbol: UnsafeRawPointer) throws(TableFault) {
  let magic = unsafe symbol.load(as: UInt32.self)
  guard magic.byteSwapped != RLENV_MAGIC else {
    throw TableFault("magic", "the plugin was built for the other byte order: rebuild it here")
  }
  guard magic == RLENV_MAGIC else {
    throw TableFault(
      "magic",
      "is 0x\(String(magic, radix: 16)), not RLENV_MAGIC: begin the table with RLENV_HEADER")
  }
  let major = unsafe symbol.load(fromByteOffset: 4, as: UInt16.self)
  let minor = unsafe symbol.load(fromByteOffset: 6, as: UInt16.self)
  guard major == RLENV_ABI_MAJOR else {
    throw TableFault(
      "abi_major",
      "the plugin speaks ABI \(major).\(minor), this host speaks "
        + "\(RLENV_ABI_MAJOR).\(RLENV_ABI_MINOR): rebuild the plugin with this host's rlenv.h, or "
        + "use a host of ABI \(major)")
  }
  let size = unsafe symbol.load(fromByteOffset: 8, as: UInt32.self)
  guard size >= RLENV_SIZE_1_0_PLUGIN, size <= 65_536 else {
    throw TableFault(
      "size",
      "is \(size) bytes, a table of ABI 1 has \(RLENV_SIZE_1_0_PLUGIN) or more: begin the table "
        + "with RLENV_HEADER")
  }
  let needs = unsafe symbol.load(fromByteOffset: 12, as: UInt32.self)
  guard needs & UInt32(RLENV_NEEDS_AGENTS) == 0 else {
    throw TableFault("needs", "several agents share a world: this host trains one agent")
  }
  guard needs == 0 else { throw TableFault("needs", unknownNeeds(needs)) }
}
