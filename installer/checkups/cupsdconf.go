package checkups

import "github.com/printscout/printscout/installer/cupsdconf"

// parseCUPSConf reads who may make queues and where cupsd listens, as install
// does.
func parseCUPSConf(raw []byte) (cupsdConf, error) {
	f, err := cupsdconf.Parse(raw)
	if err != nil {
		return cupsdConf{}, err
	}
	conf := cupsdConf{Limited: f.IsForAdministrators()}
	for _, address := range f.Listens() {
		if isBeyond(address) {
			conf.Beyond = append(conf.Beyond, printable(address))
		}
	}
	return conf, nil
}
