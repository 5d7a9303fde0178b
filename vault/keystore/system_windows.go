package keystore

func systemHolder(string) (Holder, string) { return nil, "" }
