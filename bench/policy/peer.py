"""The same atoms and firms in OpenFisca, which computes whole columns at once. Usage: peer.py FOLDER
Needs: pip install openfisca-core==46.0.1
"""
import json, sys, time

import numpy
from openfisca_core import entities, periods, simulations, taxbenefitsystems, variables

world = json.load(open(sys.argv[1] + "/world.json"))
atoms, firms, per = world["atoms"], numpy.array(world["firms"]), world["per_policy"]
firm = entities.build_entity(key="firm", plural="firms", label="firm", is_person=True)
system = taxbenefitsystems.TaxBenefitSystem([firm])


def variable(name, kind, **more):
    return type(name, (variables.Variable,), {"value_type": kind, "entity": firm, "definition_period": periods.DateUnit.YEAR, **more})


for i in range(firms.shape[1]):
    system.add_variable(variable(f"f{i}", int))


def at_least(fact, value):
    return lambda people, period: people(f"f{fact}", period) >= value


def all_of(first, last):
    def formula(people, period):
        out = people(f"a{first}", period)
        for j in range(first + 1, last):
            out = out & people(f"a{j}", period)
        return out
    return formula


for i, a in enumerate(atoms):
    system.add_variable(variable(f"a{i}", bool, formula=at_least(a["fact"], a["value"])))
policies = len(atoms) // per
for i in range(policies):
    system.add_variable(variable(f"p{i}", bool, formula=all_of(i * per, (i + 1) * per)))
simulation = simulations.SimulationBuilder().build_default_simulation(system, len(firms))
for i in range(firms.shape[1]):
    simulation.set_input(f"f{i}", "2026", firms[:, i])
begun = time.perf_counter()
yes = sum(int(simulation.calculate(f"p{i}", "2026").sum()) for i in range(policies))
took = time.perf_counter() - begun
print(f"{'OpenFisca, whole columns':28} {took:9.3f} s  {len(firms) * len(atoms) / took:12.0f} atoms/s  {yes:7d} true  (one core; no unknown, no explanation)")
