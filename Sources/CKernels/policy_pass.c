/* Minibatches of policies and values, shard by shard. */
#include "lanes.h"

/* A shard's rows. */
typedef struct {
  ptrdiff_t rows;
  float *input;           /* [CK_SHARD, input stride] */
  float *hidden;          /* one hidden layer after the other */
  float *hidden_gradient;
  float *output, *output_gradient;
  float *log_probabilities, *old_log_probabilities, *entropies; /* [CK_SHARD] */
  float *log_probability_slopes, *entropy_slopes;
  float *values, *old_values, *returns, *value_slopes;
  float *controls, *variance; /* [CK_SHARD, C] */
  int32_t *choices;           /* [CK_SHARD, D] */
  uint8_t *masks;             /* [CK_SHARD, M] */
} shard;

static ptrdiff_t larger(ptrdiff_t a, ptrdiff_t b) { return a > b ? a : b; }

static const ck_layer *last_layer(const ck_stack *stack) { return stack->layers + stack->count - 1; }

/* The next `bytes` of some room, in whole vectors. Counts them alone where there is none. */
static void *take(char *room, ptrdiff_t *used, ptrdiff_t bytes) {
  void *place = room ? room + *used : NULL;
  *used += (bytes + 63) / 64 * 64;
  return place;
}

static float *take_floats(char *room, ptrdiff_t *used, ptrdiff_t columns) {
  return take(room, used, CK_SHARD * columns * (ptrdiff_t)sizeof(float));
}

/* Lays a shard out in `room`. Returns the bytes of it. */
static ptrdiff_t lay_out(const ck_minibatch *b, char *room, shard *s) {
  const bool has_critic = b->critic.count > 0;
  const ptrdiff_t hidden =
      larger(b->actor.hidden_columns, has_critic ? b->critic.hidden_columns : 0);
  const ptrdiff_t output = larger(last_layer(&b->actor)->output_stride,
                                  has_critic ? last_layer(&b->critic)->output_stride : 0);
  ptrdiff_t used = 0;
  s->input = take_floats(room, &used, b->actor.layers[0].input_stride);
  s->hidden = take_floats(room, &used, hidden);
  s->hidden_gradient = take_floats(room, &used, hidden);
  s->output = take_floats(room, &used, output);
  s->output_gradient = take_floats(room, &used, output);
  float **const columns[] = {
      &s->log_probabilities, &s->old_log_probabilities, &s->entropies, &s->log_probability_slopes,
      &s->entropy_slopes,    &s->values,                &s->old_values, &s->returns,
      &s->value_slopes};
  for (size_t i = 0; i < sizeof columns / sizeof *columns; i++)
    *columns[i] = take_floats(room, &used, 1);
  s->controls = take_floats(room, &used, b->head.control_count);
  s->variance = take_floats(room, &used, b->head.control_count);
  s->choices =
      take(room, &used, CK_SHARD * b->head.choice_count * (ptrdiff_t)sizeof *s->choices);
  s->masks = take(room, &used, CK_SHARD * b->head.mask_length);
  return used;
}

void ck_transpose_weights(ck_set set, const ck_stack *stack, const float *parameters,
                          float *transposed) {
  for (const ck_layer *layer = stack->layers + 1; layer < stack->layers + stack->count; layer++)
    ck_transpose(set, layer->inputs, layer->outputs, parameters + layer->weights,
                 layer->output_stride, transposed + layer->transposed, layer->input_stride);
}

ptrdiff_t ck_shard_bytes(const ck_minibatch *minibatch) {
  shard s;
  return lay_out(minibatch, NULL, &s);
}

static void encode(const ck_minibatch *b, const int32_t *index, const shard *s) {
  const ck_rows rows = {b->observations, b->row_bytes, index, s->rows};
  const ptrdiff_t stride = b->actor.layers[0].input_stride;
  for (const ck_field *f = b->fields; f < b->fields + b->field_count; f++)
    if (f->is_choice) /* the rows were encoded when they were acted on: every choice is inside */
      ck_encode_choice(rows, f->element, f->offset, f->start, f->count, s->input + f->column,
                       stride);
    else
      ck_encode_numbers(rows, f->element, f->offset, f->count, f->divisor, s->input + f->column,
                        stride);
}

static void gather(const float *x, const int32_t *index, ptrdiff_t rows, float *y) {
  for (ptrdiff_t i = 0; i < rows; i++) y[i] = x[index[i]];
}

static void gather_bytes(const void *x, ptrdiff_t bytes, const int32_t *index, ptrdiff_t rows,
                         void *y) {
  const char *from = x;
  char *to = y;
  if (bytes == 4)
    for (ptrdiff_t i = 0; i < rows; i++) memcpy(to + i * 4, from + (ptrdiff_t)index[i] * 4, 4);
  else if (bytes > 0)
    for (ptrdiff_t i = 0; i < rows; i++)
      memcpy(to + i * bytes, from + index[i] * bytes, (size_t)bytes);
}

static void gather_actions(const ck_minibatch *b, const int32_t *index, const shard *s) {
  const ck_head *head = &b->head;
  gather_bytes(b->choices, head->choice_count * (ptrdiff_t)sizeof *s->choices, index, s->rows,
               s->choices);
  gather_bytes(b->controls, head->control_count * (ptrdiff_t)sizeof *s->controls, index, s->rows,
               s->controls);
  gather_bytes(b->masks, head->mask_length, index, s->rows, s->masks);
  gather(b->log_probabilities, index, s->rows, s->old_log_probabilities);
}

/* Asks for the rows of the next shard while this one is worked on. */
static void prefetch(const ck_minibatch *b, const int32_t *index, ptrdiff_t rows, bool actor,
                     bool value) {
  for (ptrdiff_t i = 0; i < rows; i++) {
    const ptrdiff_t row = index[i];
    __builtin_prefetch(b->observations + row * b->row_bytes);
    if (actor) {
      __builtin_prefetch(b->log_probabilities + row);
      if (b->head.choice_count > 0) __builtin_prefetch(b->choices + row * b->head.choice_count);
      if (b->head.control_count > 0) __builtin_prefetch(b->controls + row * b->head.control_count);
    }
    if (value) __builtin_prefetch(b->returns + row);
  }
}

static float *hidden_rows(float *hidden, const ck_layer *layer) {
  return hidden + CK_SHARD * layer->hidden;
}

static void forward(ck_set set, const ck_stack *stack, const float *parameters, const shard *s) {
  const float *x = s->input;
  for (ptrdiff_t i = 0; i < stack->count; i++) {
    const ck_layer *layer = stack->layers + i;
    float *y = i + 1 == stack->count ? s->output : hidden_rows(s->hidden, layer);
    ck_dense(set, layer->activation, s->rows, layer->outputs, layer->inputs, x,
             layer->input_stride, parameters + layer->weights, parameters + layer->bias, y,
             layer->output_stride);
    x = y;
  }
}

/* From the slope at the output down; the gradient grows where it continues. */
static void backward(ck_set set, const ck_stack *stack, bool continues, const shard *s,
                     float *gradient) {
  const ck_layer *last = last_layer(stack);
  ck_output_gradient(set, last->activation, s->rows, last->outputs, s->output, s->output_gradient,
                     last->output_stride);
  const float *dz = s->output_gradient;
  for (ptrdiff_t i = stack->count - 1; i >= 0; i--) {
    const ck_layer *layer = stack->layers + i, *below = layer - 1;
    const float *x = i == 0 ? s->input : hidden_rows(s->hidden, below);
    ck_output_weight_gradient(set, continues, layer->inputs, layer->outputs, s->rows, x,
                              layer->input_stride, dz, layer->output_stride,
                              gradient + layer->weights, layer->output_stride,
                              gradient + layer->bias);
    if (i == 0) break;
    float *dx = hidden_rows(s->hidden_gradient, below);
    ck_input_gradient(set, below->activation, s->rows, layer->input_stride, layer->outputs, dz,
                      layer->output_stride, stack->transposed + layer->transposed, x,
                      layer->input_stride, dx, layer->input_stride);
    dz = dx;
  }
}

static ck_head_input head_input(const ck_minibatch *b, const shard *s) {
  const ck_stack *stack = &b->actor;
  ck_head_input input = {.outputs = s->output,
                         .ldo = last_layer(stack)->output_stride,
                         .ldl = b->latent_stride,
                         .log_std = b->log_std,
                         .std_squares = b->std_squares,
                         .masks = b->head.mask_length > 0 ? s->masks : NULL};
  if (b->head.kind == CK_GSDE && b->head.control_count > 0)
    input.latent = stack->count > 1 ? hidden_rows(s->hidden, last_layer(stack) - 1) : s->input;
  return input;
}

/* From the policy's outputs to the slopes at them. */
static void policy_slopes(ck_set set, const ck_minibatch *b, const float *advantages,
                          const shard *s, const ck_group *group) {
  const ck_head *head = &b->head;
  const ck_head_input input = head_input(b, s);
  ck_head_values(set, head, &input, 0, s->rows, s->choices, s->controls, s->log_probabilities,
                 s->entropies);
  ck_policy_loss(set, &b->loss, s->rows, s->log_probabilities, s->old_log_probabilities, advantages,
                 s->entropies, s->log_probability_slopes, s->entropy_slopes, group->sums);
  const ck_head_slopes slopes = {s->log_probability_slopes, s->entropy_slopes, s->output_gradient,
                                 group->spread, s->variance};
  ck_head_gradient(set, head, &input, 0, s->rows, s->choices, s->controls, &slopes);
  if (!input.latent) return;
  for (ptrdiff_t from = 0; from < b->latent_stride; from += CK_LANES)
    ck_square_sums(set, true, s->rows, input.latent, b->latent_stride, from, head->control_count,
                   s->variance, group->spread);
}

/* From the values, in a column of the output, to the slopes at them. */
static void value_slopes(ck_set set, const ck_minibatch *b, const int32_t *index, const shard *s,
                         ptrdiff_t column, ptrdiff_t stride, const ck_group *group) {
  for (ptrdiff_t i = 0; i < s->rows; i++) s->values[i] = s->output[i * stride + column];
  gather(b->returns, index, s->rows, s->returns);
  if (b->loss.has_value_range) gather(b->values, index, s->rows, s->old_values);
  ck_value_loss(set, &b->loss, s->rows, s->values, s->old_values, s->returns, s->value_slopes,
                group->sums);
  for (ptrdiff_t i = 0; i < s->rows; i++)
    s->output_gradient[i * stride + column] = s->value_slopes[i];
}

static ptrdiff_t spread_count(const ck_minibatch *b) {
  switch (b->head.kind) {
    case CK_GAUSSIAN: return b->head.control_count;
    case CK_GSDE: return b->head.control_count * b->latent_stride;
    case CK_STATE_GAUSSIAN:
    case CK_BETA: break;
  }
  return 0;
}

static void run_group(ck_set set, const ck_minibatch *b, const ck_group *group,
                      const ck_stack *stack, bool is_policy, bool is_value) {
  const ptrdiff_t end = group->first + group->count, stride = last_layer(stack)->output_stride;
  const ptrdiff_t column = is_policy ? b->head.outputs : 0;
  shard s;
  lay_out(b, group->work, &s);
  for (ptrdiff_t at = group->first; at < end; at += CK_SHARD) {
    const int32_t *index = b->index + at;
    s.rows = end - at < CK_SHARD ? end - at : CK_SHARD;
    const ptrdiff_t next = end - at - s.rows;
    prefetch(b, index + s.rows, next < CK_SHARD ? next : CK_SHARD, is_policy, is_value);
    encode(b, index, &s);
    forward(set, stack, b->parameters, &s);
    if (is_policy) {
      gather_actions(b, index, &s);
      policy_slopes(set, b, b->advantages + at, &s, group);
    }
    if (is_value) value_slopes(set, b, index, &s, column, stride, group);
    backward(set, stack, at > group->first, &s, group->gradient);
  }
}

void ck_policy_group(ck_set set, const ck_minibatch *minibatch, const ck_group *group) {
  *group->sums = (ck_loss_sums){0};
  for (ptrdiff_t i = 0; i < spread_count(minibatch); i++) group->spread[i] = 0;
  run_group(set, minibatch, group, &minibatch->actor, true, minibatch->critic.count == 0);
}

void ck_value_group(ck_set set, const ck_minibatch *minibatch, const ck_group *group) {
  *group->sums = (ck_loss_sums){0};
  run_group(set, minibatch, group, &minibatch->critic, false, true);
}
