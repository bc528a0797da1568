package io.mtdagent.android;

import android.os.Build;
import android.security.keystore.KeyInfo;
import android.security.keystore.KeyProperties;
import java.lang.reflect.Array;
import java.lang.reflect.Constructor;
import java.security.Key;
import java.security.KeyFactorySpi;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.spec.InvalidKeySpecException;
import java.security.spec.KeySpec;

/** Tells where a key lies, in Android's own {@code KeyInfo}. */
final class FakeInfo extends KeyFactorySpi {
    private final FakeAndroidKeyStore inside;

    FakeInfo(FakeAndroidKeyStore inside) {
        this.inside = inside;
    }

    @Override
    protected <T extends KeySpec> T engineGetKeySpec(Key key, Class<T> wanted) throws InvalidKeySpecException {
        boolean strongBox = inside.entries.get(((FakeAndroidKeyStore.Handle) key).alias).strongBox;
        Constructor<?> constructor = longest(KeyInfo.class.getDeclaredConstructors());
        Class<?>[] types = constructor.getParameterTypes();
        Object[] values = new Object[types.length];
        for (int i = 0; i < types.length; i++) {
            if (types[i] == boolean.class) {
                // The first one says whether the key lies in hardware.
                values[i] = i == 1 && inside.hardware;
            } else if (types[i] == int.class) {
                boolean level = Build.VERSION.SDK_INT >= 31 && i == types.length - 2;
                values[i] = level ? level(strongBox) : 0;
            } else if (types[i].isArray()) {
                values[i] = Array.newInstance(types[i].getComponentType(), 0);
            }
        }
        try {
            constructor.setAccessible(true);
            return wanted.cast(constructor.newInstance(values));
        } catch (ReflectiveOperationException other) {
            throw new InvalidKeySpecException(other);
        }
    }

    /** Android's own; Robolectric adds shorter ones. */
    private static Constructor<?> longest(Constructor<?>[] all) {
        Constructor<?> longest = all[0];
        for (Constructor<?> one : all) {
            longest = one.getParameterTypes().length > longest.getParameterTypes().length ? one : longest;
        }
        return longest;
    }

    private int level(boolean strongBox) {
        if (!inside.hardware) {
            return KeyProperties.SECURITY_LEVEL_SOFTWARE;
        }
        return strongBox ? KeyProperties.SECURITY_LEVEL_STRONGBOX : KeyProperties.SECURITY_LEVEL_TRUSTED_ENVIRONMENT;
    }

    @Override
    protected PublicKey engineGeneratePublic(KeySpec spec) {
        throw new UnsupportedOperationException();
    }

    @Override
    protected PrivateKey engineGeneratePrivate(KeySpec spec) {
        throw new UnsupportedOperationException();
    }

    @Override
    protected Key engineTranslateKey(Key key) {
        throw new UnsupportedOperationException();
    }
}
