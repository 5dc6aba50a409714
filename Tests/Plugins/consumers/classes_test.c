/* Drives classes.cpp: exceptions arrive as statuses, and one lane's failure is one lane's.   classes_test CLASSES.so */
#include "../testhost.h"

int main(int count, char **arguments) {
    uint64_t seeds[3] = { 1, 13, 3 };
    uint32_t second = 1;
    rlenv_frame frame;
    rlenv_instance *none = NULL;
    char text[32] = "";
    const rlenv_plugin_v1 *plugin;
    const rlenv_env *dice;
    rlenv_status status;
    World w;
    CHECK(count == 2, "usage: classes_test CLASSES.so");
    plugin = host_load(arguments[1]);
    dice = host_find(plugin, "Dice-v0");
    w = world_open(dice, host_values(dice, ""), 3);
    status = dice->create(&the_host, dice, host_values(dice, "length=7"), 1, &none, &w.error);
    CHECK(status == RLENV_E_OPTION && !none && strstr(w.error.message, "week"), "create: %d", status);

    status = world_try_reset(&w, NULL, 3, seeds, NULL);
    CHECK(status == RLENV_E_LANE && w.error.lane == 1 && strstr(w.error.message, "unlucky"), "reset: %d %s", status,
          w.error.message);
    CHECK(w.flags[0] == 0 && w.flags[1] == RLENV_FAULT && w.flags[2] == 0, "only lane 1 has failed");
    seeds[1] = 2;
    world_reset(&w, &second, 1, seeds); /* a seeded reset mends it */
    CHECK(w.mask[6] == 0 && w.mask[7] == 1, "the mask of lane 1");

    ((int32_t *)w.act[0].data)[0] = 0; /* masked: the plugin checks again */
    status = world_try_step(&w, NULL, 3);
    CHECK(status == RLENV_E_ARG && w.error.lane == 0 && strstr(w.error.message, "forbidden"), "step: %d %s", status,
          w.error.message);
    ((int32_t *)w.act[0].data)[0] = ((int32_t *)w.act[0].data)[1] = ((int32_t *)w.act[0].data)[2] = 1;
    world_step(&w, NULL, 3);

    memset(&frame, 0, sizeof frame);
    frame.size = sizeof frame;
    frame.format = RLENV_FRAME_TEXT;
    frame.data = text;
    frame.capacity = sizeof text;
    CHECK(dice->render(w.instance, 2, &frame, &w.error) == RLENV_OK, "render");
    CHECK(strcmp(text, "step 1\n") == 0, "render: %s", text);
    frame.format = RLENV_FRAME_RGB8;
    CHECK(dice->render(w.instance, 2, &frame, &w.error) < 0, "no picture");
    CHECK(dice->save(w.instance, 99, text, sizeof text, &frame.bytes, &w.error) == RLENV_E_ARG, "no such lane");
    world_close(&w);
    printf("exceptions arrive as statuses\n");
    return 0;
}
