/* One line for each reader; `check_CLASS` gives the object at index 1 or raises. */
#ifndef AZATTEST_LUA_READERS_H
#define AZATTEST_LUA_READERS_H

#include "module.h"

#define CHECK(class, type)                                                                                             \
    static type *check_##class(lua_State * L)                                                                          \
    {                                                                                                                  \
        return azlua_check(L, 1, &azlua_##class);                                                                      \
    }

#define READER(class, c_class, name, push)                                                                             \
    static int class##_##name(lua_State *L)                                                                            \
    {                                                                                                                  \
        push(L, azattest_##c_class##_##name(check_##class(L)));                                                        \
        return 1;                                                                                                      \
    }

/* A reader of claims (`claims` gives all of them): absent is nil, another type raises. */
#define STATUS_READER(class, c_class, claims, name, value_type, push)                                                  \
    static int class##_##name(lua_State *L)                                                                            \
    {                                                                                                                  \
        value_type value;                                                                                              \
        azattest_status status = azattest_##c_class##_##name(check_##class(L), &value);                                \
                                                                                                                       \
        if (status == AZATTEST_OK)                                                                                     \
            push(L, value);                                                                                            \
        else                                                                                                           \
            azlua_push_claim_status(L, azattest_##c_class##_##claims(check_##class(L)), #name, status);                \
        return 1;                                                                                                      \
    }

#endif
