/* Choices: softmax distributions and single logits. Included once for each instruction set. */

/* A tile of a head's rows: outputs and, where gSDE reads it, the latent. */
typedef struct ck_tile {
  const ck_head *head;
  const ck_head_input *input;
  ptrdiff_t first, rows;
  ck_columns outputs, latent;
  ptrdiff_t variance_start, variance_end; /* the controls whose variances are held */
  ck_vec variance[4];
} ck_tile;

/* The tile at row `first`, of the rows before `end`. Returns how many it has. */
CK_ALWAYS_INLINE CK_TARGET ptrdiff_t ck_open_tile(ck_tile *tile, const ck_head *head,
                                                  const ck_head_input *input, ptrdiff_t first,
                                                  ptrdiff_t end) {
  const ptrdiff_t rows = end - first < CK_LANES ? end - first : CK_LANES;
  tile->head = head;
  tile->input = input;
  tile->first = first;
  tile->rows = rows;
  tile->variance_start = tile->variance_end = 0;
  ck_open_columns(&tile->outputs, input->outputs + first * input->ldo, input->ldo, rows);
  if (input->latent)
    ck_open_columns(&tile->latent, input->latent + first * input->ldl, input->ldl, rows);
  return rows;
}

/* Whether index j of a choice is allowed. */
CK_ALWAYS_INLINE CK_TARGET ck_ivec ck_allowed(const ck_tile *tile, const ck_choice *choice,
                                              ptrdiff_t j) {
  const uint8_t *masks = tile->input->masks;
  if (!masks || choice->mask < 0) return ck_all_integer(-1);
  const ptrdiff_t length = tile->head->mask_length;
  return ck_gather_bytes(masks + tile->first * length + choice->mask + j, length, tile->rows) != 0;
}

/* A softmax over the allowed outputs. Where none is allowed, index 0 is certain. */
typedef struct ck_softmax {
  ck_vec largest;
  ck_vec sum;     /* of e^(z - largest) */
  ck_vec log_sum;
  ck_vec entropy;
  ck_ivec none;   /* allowed */
} ck_softmax;

CK_ALWAYS_INLINE CK_TARGET ck_softmax ck_softmax_of(ck_tile *tile, const ck_choice *choice) {
  const ck_vec lowest = ck_all(-__builtin_inff());
  ck_vec largest = lowest;
  ck_ivec none = ck_all_integer(-1);
  for (ptrdiff_t j = 0; j < choice->count; j++) {
    const ck_ivec allowed = ck_allowed(tile, choice, j);
    const ck_vec z = ck_column(&tile->outputs, choice->column + j);
    largest = ck_select(allowed & (z > largest), z, largest);
    none &= ~allowed;
  }
  ck_vec sum = {0}, weighted = {0};
  for (ptrdiff_t j = 0; j < choice->count; j++) {
    const ck_ivec allowed = ck_allowed(tile, choice, j);
    const ck_vec z = ck_column(&tile->outputs, choice->column + j);
    const ck_vec d = ck_select(allowed, z - largest, ck_all(0));
    const ck_vec e = ck_select(allowed, ck_exponential(d), ck_all(0));
    sum += e;
    weighted = CK_FMA(e, d, weighted);
  }
  sum = ck_select(none, ck_all(1), sum);
  const ck_vec log_sum = ck_logarithm(sum);
  return (ck_softmax){largest, sum, log_sum, log_sum - weighted / sum, none};
}

CK_ALWAYS_INLINE CK_TARGET void ck_softmax_value(ck_tile *tile, const ck_choice *choice,
                                                 ck_ivec index, ck_vec *log_probability,
                                                 ck_vec *entropy) {
  const ck_softmax softmax = ck_softmax_of(tile, choice);
  ck_vec chosen = ck_all(-__builtin_inff());
  for (ptrdiff_t j = 0; j < choice->count; j++) {
    const ck_ivec is_chosen = ck_allowed(tile, choice, j) & (index == (int32_t)j);
    const ck_vec z = ck_column(&tile->outputs, choice->column + j);
    chosen = ck_select(is_chosen, z - softmax.largest, chosen);
  }
  const ck_ivec certain = softmax.none & (index == 0);
  *log_probability += ck_select(certain, ck_all(0), chosen - softmax.log_sum);
  *entropy += softmax.entropy;
}

/* dz_j = g (1[j = index] - p_j) - h p_j (ln p_j + H), for slopes g at ln p and h at H. */
CK_ALWAYS_INLINE CK_TARGET void ck_softmax_gradient(ck_tile *tile, const ck_choice *choice,
                                                    ck_ivec index, ck_vec g, ck_vec h,
                                                    ck_sink *sink) {
  const ck_softmax softmax = ck_softmax_of(tile, choice);
  const ck_vec inverse = 1.0f / softmax.sum;
  const ck_vec rest = softmax.entropy - softmax.log_sum;
  for (ptrdiff_t j = 0; j < choice->count; j++) {
    const ck_ivec allowed = ck_allowed(tile, choice, j);
    const ck_vec z = ck_column(&tile->outputs, choice->column + j);
    const ck_vec d = ck_select(allowed, z - softmax.largest, ck_all(0));
    const ck_vec p = ck_exponential(d) * inverse;
    const ck_vec own = ck_select(index == (int32_t)j, g, ck_all(0));
    const ck_vec slope = CK_FMA(-p, CK_FMA(h, d + rest, g), own);
    ck_give(sink, ck_select(allowed, slope, ck_all(0)));
  }
}

/* The first index whose cumulated probability is above a uniform number; never a forbidden one. */
CK_ALWAYS_INLINE CK_TARGET ck_ivec ck_softmax_draw(ck_tile *tile, const ck_choice *choice,
                                                   ck_vec uniform) {
  const ck_softmax softmax = ck_softmax_of(tile, choice);
  const ck_vec target = uniform * softmax.sum;
  ck_vec cumulated = {0};
  ck_ivec found = {0}, index = {0}, last = ck_all_integer(-1);
  for (ptrdiff_t j = 0; j < choice->count; j++) {
    const ck_ivec allowed = ck_allowed(tile, choice, j), here = ck_all_integer((int32_t)j);
    const ck_vec z = ck_column(&tile->outputs, choice->column + j);
    const ck_vec d = ck_select(allowed, z - softmax.largest, ck_all(0));
    const ck_vec e = ck_select(allowed, ck_exponential(d), ck_all(0));
    cumulated += e;
    const ck_ivec hit = ~found & allowed & (cumulated > target);
    index = ck_select_integer(hit, here, index);
    found |= hit;
    last = ck_select_integer(allowed & ((e > 0.0f) | (last < 0)), here, last);
  }
  /* rounding can put the target at the very sum */
  last = ck_select_integer(last < 0, ck_all_integer(0), last);
  return ck_select_integer(found, index, last);
}

CK_ALWAYS_INLINE CK_TARGET ck_ivec ck_softmax_mode(ck_tile *tile, const ck_choice *choice) {
  ck_vec largest = {0};
  ck_ivec index = ck_all_integer(-1);
  for (ptrdiff_t j = 0; j < choice->count; j++) {
    const ck_vec z = ck_column(&tile->outputs, choice->column + j);
    const ck_ivec better = ck_allowed(tile, choice, j) & ((z > largest) | (index < 0));
    largest = ck_select(better, z, largest);
    index = ck_select_integer(better, ck_all_integer((int32_t)j), index);
  }
  return ck_select_integer(index < 0, ck_all_integer(0), index);
}

/* ln p(x) = -softplus(-z) of 1, -softplus(z) of 0; H = softplus(-|z|) + |z| sigmoid(-|z|). */
CK_ALWAYS_INLINE CK_TARGET void ck_binary_value(ck_vec z, ck_ivec index, ck_vec *log_probability,
                                                ck_vec *entropy) {
  const ck_vec size = ck_magnitude(z), e = ck_exponential(-size), low = ck_log_one_plus(e);
  const ck_vec against = ck_select(index != 0, -z, z);
  *log_probability -= ck_select(against > 0.0f, against, ck_all(0)) + low;
  *entropy += CK_FMA(size, e / (1.0f + e), low);
}

/* dz = g (x - p) - h z p (1 - p). */
CK_ALWAYS_INLINE CK_TARGET ck_vec ck_binary_gradient(ck_vec z, ck_ivec index, ck_vec g, ck_vec h) {
  const ck_vec against = ck_sigmoid(ck_select(index != 0, -z, z));
  const ck_vec p = ck_sigmoid(z), q = ck_sigmoid(-z);
  return CK_FMA(g, ck_select(index != 0, against, -against), -(h * (z * (p * q))));
}

CK_ALWAYS_INLINE CK_TARGET void ck_choice_value(ck_tile *tile, const ck_choice *choice,
                                                ck_ivec index, ck_vec *log_probability,
                                                ck_vec *entropy) {
  if (choice->is_binary)
    ck_binary_value(ck_column(&tile->outputs, choice->column), index, log_probability, entropy);
  else
    ck_softmax_value(tile, choice, index, log_probability, entropy);
}

CK_ALWAYS_INLINE CK_TARGET void ck_choice_gradient(ck_tile *tile, const ck_choice *choice,
                                                   ck_ivec index, ck_vec g, ck_vec h,
                                                   ck_sink *sink) {
  if (choice->is_binary)
    ck_give(sink, ck_binary_gradient(ck_column(&tile->outputs, choice->column), index, g, h));
  else
    ck_softmax_gradient(tile, choice, index, g, h, sink);
}

CK_ALWAYS_INLINE CK_TARGET ck_ivec ck_choice_draw(ck_tile *tile, const ck_choice *choice,
                                                  ck_ivec words) {
  const ck_ivec fraction = (words >> 8) & 0xFFFFFF;
  const ck_vec uniform = __builtin_convertvector(fraction, ck_vec) * 0x1p-24f;
  if (!choice->is_binary) return ck_softmax_draw(tile, choice, uniform);
  return (uniform < ck_sigmoid(ck_column(&tile->outputs, choice->column))) & 1;
}

CK_ALWAYS_INLINE CK_TARGET ck_ivec ck_choice_mode(ck_tile *tile, const ck_choice *choice) {
  if (!choice->is_binary) return ck_softmax_mode(tile, choice);
  return (ck_column(&tile->outputs, choice->column) > 0.0f) & 1;
}
