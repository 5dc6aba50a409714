/* Acting: from rows of bytes to actions, some rows at a time. */
#include "lanes.h"

/* What a pass works in. */
typedef struct {
  float *input, *hidden, *output; /* [CK_SHARD, ...] */
} desk;

static const ck_layer *last_layer(const ck_stack *stack) { return stack->layers + stack->count - 1; }

static ptrdiff_t lay_out(const ck_acting *a, float *room, desk *d) {
  const ptrdiff_t input = CK_SHARD * a->policy.layers[0].input_stride;
  const ptrdiff_t hidden = CK_SHARD * a->policy.hidden_columns;
  *d = room ? (desk){room, room + input, room + input + hidden} : (desk){0};
  return (input + hidden + CK_SHARD * last_layer(&a->policy)->output_stride) *
         (ptrdiff_t)sizeof(float);
}

ptrdiff_t ck_acting_bytes(const ck_acting *acting) {
  desk d;
  return lay_out(acting, NULL, &d);
}

static ptrdiff_t encode(const ck_acting *a, ptrdiff_t first, ptrdiff_t count, float *y) {
  const ck_rows rows = {a->observations + first * a->row_bytes, a->row_bytes, NULL, count};
  const ptrdiff_t stride = a->policy.layers[0].input_stride;
  for (const ck_field *f = a->fields; f < a->fields + a->field_count; f++) {
    ptrdiff_t stray = -1;
    if (f->is_choice)
      stray = ck_encode_choice(rows, f->element, f->offset, f->start, f->count, y + f->column,
                               stride);
    else
      ck_encode_numbers(rows, f->element, f->offset, f->count, f->divisor, y + f->column, stride);
    if (stray >= 0) return first + stray;
  }
  return -1;
}

/* Returns the rows before the last layer. */
static const float *forward(ck_set set, const ck_acting *a, const desk *d, ptrdiff_t count,
                            float *output) {
  const float *x = d->input, *latent = x;
  for (ptrdiff_t i = 0; i < a->policy.count; i++) {
    const ck_layer *layer = a->policy.layers + i;
    float *y = i + 1 == a->policy.count ? output : d->hidden + CK_SHARD * layer->hidden;
    ck_dense(set, layer->activation, count, layer->outputs, layer->inputs, x,
             layer->input_stride, a->parameters + layer->weights, a->parameters + layer->bias, y,
             layer->output_stride);
    latent = x;
    x = y;
  }
  return latent;
}

static void act(ck_set set, const ck_acting *a, ptrdiff_t first, ptrdiff_t count,
                const ck_head_input *input) {
  const ck_head *head = &a->head;
  int32_t *choices = a->choices ? a->choices + first * head->choice_count : NULL;
  float *controls = a->controls ? a->controls + first * head->control_count : NULL;
  const ck_draws draws = {
      .words = a->words ? a->words + first * a->ldw : NULL,
      .ldw = a->ldw,
      .weights = a->noise ? a->noise + first * head->control_count * a->latent_stride : NULL};
  const bool is_valued = !a->outputs;
  ck_head_draw(set, head, input, 0, count, &draws, choices, controls,
               is_valued ? a->log_probabilities + first : NULL,
               is_valued ? a->entropies + first : NULL);
}

ptrdiff_t ck_policy_act(ck_set set, const ck_acting *acting, ptrdiff_t first, ptrdiff_t count,
                        void *work) {
  const ck_acting *a = acting;
  const ptrdiff_t stride = last_layer(&a->policy)->output_stride;
  desk d;
  lay_out(a, work, &d);
  const ptrdiff_t stray = encode(a, first, count, d.input);
  if (stray >= 0) return stray;
  float *output = a->outputs ? a->outputs + first * stride : d.output;
  const float *latent = forward(set, a, &d, count, output);
  const bool has_masks = a->masks && a->head.mask_length > 0;
  const ck_head_input input = {.outputs = output,
                               .ldo = stride,
                               .latent = a->head.kind == CK_GSDE ? latent : NULL,
                               .ldl = a->latent_stride,
                               .log_std = a->log_std,
                               .std_squares = a->std_squares,
                               .masks = has_masks ? a->masks + first * a->head.mask_length : NULL};
  act(set, a, first, count, &input);
  if (a->values)
    for (ptrdiff_t i = 0; i < count; i++) a->values[first + i] = output[i * stride + a->head.outputs];
  return -1;
}
